#include "gateway/spool/recipients.hh"

namespace sekisho::spool {

void keep_recipients(Envelope &envelope, std::vector<std::string> recipients) {
  std::vector<Notify> notify;
  std::vector<bool> used(envelope.recipients.size());
  for (std::size_t i = 0; i < recipients.size() && !envelope.notify.empty(); ++i) {
    const auto is_it = [&](std::size_t place) {
      return place < used.size() && !used[place] && envelope.recipients[place] == recipients[i];
    };
    std::size_t was = is_it(i) ? i : 0; // mostly nobody before it has left
    while (was < used.size() && !is_it(was)) ++was;
    notify.push_back(was < envelope.notify.size() ? envelope.notify[was] : Notify{});
    if (was < used.size()) used[was] = true;
  }
  envelope.notify = std::move(notify);
  envelope.recipients = std::move(recipients);
}

} // namespace sekisho::spool
