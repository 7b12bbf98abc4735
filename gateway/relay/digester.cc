#include "gateway/relay/digester.hh"

#include "sanitizer/job/digest.hh"

namespace sekisho::relay {
namespace {

constexpr std::size_t small = 64 * 1024; // octets that take no longer than to wake a thread

} // namespace

Digester::Answer Digester::begin(SharedBuffer mail) {
  auto answer = std::make_shared<Waiter<std::string>>(loop_);
  if (mail->size() <= small) {
    answer->finish(job::sha256_hex(*mail));
    return answer;
  }
  net::post(thread_, [this, answer, mail = std::move(mail)]() mutable {
    net::post(loop_, [answer = std::move(answer), sha256 = job::sha256_hex(*mail)] { answer->finish(sha256); });
  });
  return answer;
}

} // namespace sekisho::relay
