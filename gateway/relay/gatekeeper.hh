// What is judged of a mail between its last octet and the disk: loops and forwarding (M5), masses (M2), the sender's
// domain (X4), whether anybody knows the sender (M11).  The decisions are values in gateway/guard; here are their
// clocks, files and questions.
#pragma once

#include "gateway/guard/breaker.hh"
#include "gateway/relay/breaker.hh"
#include "gateway/relay/counters.hh"
#include "gateway/relay/keeper.hh"
#include "gateway/relay/policy.hh"
#include "gateway/relay/recorder.hh"
#include "gateway/relay/resolver.hh"
#include "gateway/relay/sender_file.hh"
#include "gateway/relay/settings.hh"
#include "gateway/relay/signers.hh"

namespace sekisho::guard {
struct Authentication;
}

namespace sekisho::relay {

class Gatekeeper {
public:
  struct Judged {
    Reason reason = Reason::relay_denied; // none: it may be kept
    std::string sender;                   // whom it is known as from; empty: nobody is learned from it
    guard::Counted counted;               // against masses
  };

  /// `folder` belongs to the relay; `changed` is called when a relay stops itself or is started again.
  static Result<std::unique_ptr<Gatekeeper>> open(net::io_context &loop, const RelaySettings &settings, Policy &policy,
                                                  Recorder &recorder, const std::string &folder,
                                                  std::function<void()> changed);

  /// Fills in what is found: Envelope::authentication and known.
  Task<Judged> judge(spool::Envelope &envelope, SharedBuffer mail);
  /// The mail is durable: its sender is known from now on.
  void kept(const spool::Envelope &envelope, const Judged &judged);
  /// There was no room for it: when it comes again it counts once.
  void not_kept(const spool::Envelope &envelope, const Judged &judged);
  /// Who has got a mail is known to the relays that come back from there.
  void delivered(const spool::Envelope &envelope, std::span<const std::string> recipients);

  /// The gateway's own DKIM signature over a mail that leaves, a whole field; empty: none is wanted.  Errors: the key is
  /// not there, the mail must wait.
  Result<std::string> signature(const rules::Relay &relay, Bytes mail) const;
  bool has_key(const rules::Relay &relay) const;
  void set_signers(Signers signers) { signers_ = std::move(signers); }

  /// MessageType::breaker, gateway/relay/breaker.hh.
  Task<Result<std::string>> answer(std::string question);
  const std::map<std::string, Breakers::Stopped> &stopped() const { return breakers_.stopped(); }

private:
  Gatekeeper(net::io_context &loop, const RelaySettings &settings, Policy &policy, Recorder &recorder,
             SenderFile senders, Breakers breakers, std::function<void()> changed);
  Reason count(const rules::Relay &relay, const spool::Envelope &envelope, const guard::Counted &counted,
               bool (*is_meant)(rules::MassPer));
  void tell_of_flood(const std::string &relay, const std::string &why, const spool::Envelope &last);
  std::string note_sender(const rules::Relay &relay, spool::Envelope &envelope, const guard::Message &message, const guard::Authentication &found);
  bool is_from_outside(const rules::Relay &relay) const;
  /// `found`: stays as it is where nothing is asked.
  Task<Reason> authenticate(const rules::Relay &relay, spool::Envelope &envelope, const guard::Message &message, guard::Authentication &found);
  Task<void> look_up(Resolver &resolver, guard::Lookups &lookups, SteadyClock::time_point until);
  Resolver &resolver(const rules::Resolver &rule);
  void learn(const std::string &relay, std::string_view address, bool established);

  net::io_context &loop_;
  const RelaySettings &settings_;
  Policy &policy_;
  Recorder &recorder_;
  Signers signers_;
  SenderFile senders_;
  Breakers breakers_;
  guard::Breaker breaker_;
  std::map<std::string, SteadyClock::time_point> floods_; // by relay: when it was last too much
  std::function<void()> changed_;
  std::map<Tcp::endpoint, std::unique_ptr<Resolver>> resolvers_;
};

} // namespace sekisho::relay
