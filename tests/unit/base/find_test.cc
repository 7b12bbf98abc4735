#include "base/find.hh"

#include <gtest/gtest.h>

#include <string>

namespace sekisho {
namespace {

TEST(Find, each_place_in_texts_of_every_length) {
  for (std::size_t size = 0; size < 70; ++size)
    for (std::size_t place = 0; place < size; ++place) {
      std::string text(size, '.');
      EXPECT_EQ(find_either(text, place, '<', '&'), size);
      EXPECT_EQ(find_pair(text, place, 'a', 'b', 'c'), size);
      text[place] = place % 2 == 0 ? '<' : '&';
      for (std::size_t from = 0; from <= size; ++from) {
        EXPECT_EQ(find_either(text, from, '<', '&'), from <= place ? place : size);
        EXPECT_EQ(find_either(text, from, '<', '<'), from <= place && place % 2 == 0 ? place : size);
      }
      text[place] = 'a';
      EXPECT_EQ(find_pair(text, 0, 'a', 'b', 'c'), size) << "alone";
      if (place + 1 == size) continue;
      text[place + 1] = place % 2 == 0 ? 'b' : 'c';
      for (std::size_t from = 0; from <= size; ++from)
        EXPECT_EQ(find_pair(text, from, 'a', 'b', 'c'), from <= place ? place : size) << size << ' ' << place << ' ' << from;
    }
}

} // namespace
} // namespace sekisho
