// How often this program asked for memory with new.
#pragma once

#include <cstddef>

namespace sekisho {
std::size_t allocations();
}
