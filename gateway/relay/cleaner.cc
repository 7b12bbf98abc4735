#include "gateway/relay/cleaner.hh"

#include "sanitizer/client/client.hh"

namespace sekisho::relay {
namespace {

class ZygoteCleaner final : public Cleaner {
public:
  ZygoteCleaner(int zygote, int office) : sanitizer_(client::Sanitizer::over(zygote, office)) {}
  job::Outcome sanitize(const job::Job &job, const std::string &known_sha256) override {
    return sanitizer_.sanitize(job, known_sha256);
  }

private:
  client::Sanitizer sanitizer_;
};

} // namespace

MakeCleaner cleaners_over(int zygote, int office) {
  return [=] { return std::make_unique<ZygoteCleaner>(zygote, office); };
}

} // namespace sekisho::relay
