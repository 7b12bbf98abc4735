#include "gateway/relay/cleaner.hh"

#include "sanitizer/client/client.hh"

namespace sekisho::relay {
namespace {

class ZygoteCleaner final : public Cleaner {
public:
  explicit ZygoteCleaner(int zygote) : sanitizer_(client::Sanitizer::over(zygote)) {}
  job::Outcome sanitize(const job::Job &job) override { return sanitizer_.sanitize(job); }

private:
  client::Sanitizer sanitizer_;
};

} // namespace

MakeCleaner cleaners_over(int zygote) {
  return [zygote] { return std::make_unique<ZygoteCleaner>(zygote); };
}

} // namespace sekisho::relay
