// What a person reads in a notice: in Japanese, then in English, without the terms of mail servers.
#pragma once

#include "gateway/relay/notice.hh"

namespace sekisho::relay {

/// Lines end in CRLF.
std::string words_of(const Notice &notice);
std::string subject_of(Notice::Kind kind);

/// "4.2.2" in what a next hop said (RFC 2034 §4); empty: none.
std::string_view status_in(std::string_view answer);
/// ".6.7": what fits a mail that was not handed over at all (RFC 3463, RFC 6531, RFC 8689).
std::string_view detail_of(const Notice::About &about);

/// Control characters would end a line.
std::string one_line(std::string_view text, std::size_t most);

} // namespace sekisho::relay
