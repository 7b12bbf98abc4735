// The threads of the disk under load, killed at every write, flush, erasure and answer: every mail that was acknowledged is
// delivered, held or bounced, from its whole original, once, or twice where an answer was lost; never lost, never raw.
// SEKISHO_FAULT_ROUNDS: how many rounds a test runs instead of a few hundred.
#include "gateway/relay/keeper.hh"

#include "tests/support/memory_disk.hh"
#include "tests/support/spool_key.hh"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <set>

namespace sekisho::relay {
namespace {

constexpr spool::SpoolSettings small_spool{16 * 1024, 6};
constexpr spool::HoldSettings small_hold{16 * 1024, 1 << 20};

std::size_t rounds(std::size_t usual) {
  const char *more = std::getenv("SEKISHO_FAULT_ROUNDS");
  return more ? std::strtoull(more, nullptr, 10) : usual;
}

Buffer original_of(const std::string &receipt) {
  const std::size_t seed = std::hash<std::string>()(receipt);
  return to_buffer(fmt::format("RAW {} ", receipt) + std::string(seed % 3000, static_cast<char>('a' + seed % 26)));
}

/// What the world outside sees.
struct World {
  std::set<std::string> acknowledged;
  std::map<std::string, std::map<std::string, int>> delivered; // receipt, recipient
  std::map<std::string, int> bounced;
  std::map<std::string, int> unsure; // per mail: how often nobody could know whether it had gone
  std::set<std::string> deleted;     // from the hold, answered
  std::set<std::string> trouble;     // reading back failed
  unsigned counter = 0;
};

enum class Fate { all, one_by_one, hold, bounce, deliver_and_hold };
Fate fate_of(const std::string &receipt) { return static_cast<Fate>(std::hash<std::string>()(receipt + "fate") % 5); }

/// One life of the gateway: what the journeys do with a keeper, without network and sanitizer.
class Life {
public:
  Life(spool::MemoryDisk &disk, const std::string &index, World &world, std::mt19937 &random)
      : disk_(disk), world_(world), random_(random) {
    auto spool = spool::Spool::open(disk, spool::test_keys(), small_spool);
    auto hold = spool::Hold::open(disk, spool::test_keys(), index, small_hold);
    if (!spool || !hold) return; // the disk fails already: nothing is taken
    waiting_ = spool->waiting();
    keeper_ = std::make_unique<Keeper>(loop_, std::move(*spool), std::move(*hold), std::chrono::milliseconds(0));
  }

  /// `new_mails` come in; ends when all is done or `is_dead` says that the plug was pulled.
  void live(unsigned new_mails, std::function<bool()> is_dead) {
    if (!keeper_) return;
    is_dead_ = std::move(is_dead);
    for (const auto &[id, envelope] : waiting_) {
      ++world_.unsure[envelope.receipt]; // it may have gone in an earlier life
      start(loop_, travel(id, envelope));
    }
    for (unsigned i = 0; i < new_mails; ++i) start(loop_, come_in(fmt::format("R{}", ++world_.counter)));
    loop_.run();
    keeper_.reset();
  }

  std::map<std::string, std::string> held(spool::MemoryDisk &disk, const std::string &index) {
    std::map<std::string, std::string> found;
    auto hold = spool::Hold::open(disk, spool::test_keys(), index, small_hold);
    if (!hold) return found;
    for (const spool::Held &one : hold->page("", 0, 100'000).held) {
      auto octets = hold->read(one.envelope.receipt);
      found[one.envelope.receipt] = octets ? std::string(as_chars(*octets)) : "unreadable";
    }
    return found;
  }

private:
  bool dead() const { return is_dead_(); }

  Task<void> come_in(std::string receipt) {
    spool::Envelope envelope;
    envelope.receipt = receipt;
    envelope.from = "a@example.net";
    envelope.recipients = {"b@town.example.lg.jp", "c@town.example.lg.jp"};
    envelope.relay = "inbound";
    SharedBuffer original = std::make_shared<const Buffer>(original_of(receipt));
    const Keeper::Answer answer = keeper_->put(envelope, original);
    const Keeper::Kept kept = co_await answer->wait();
    if (dead() || kept.reason != Reason::none) co_return; // 4xx, or no answer: its sender keeps it
    world_.acknowledged.insert(receipt);
    co_await travel(kept.id, envelope);
  }

  Task<void> travel(spool::MailId id, spool::Envelope envelope) {
    const std::string receipt = envelope.receipt;
    Keeper::Read octets = co_await keeper_->read(id);
    if (dead()) co_return;
    if (!octets) {
      if (!disk_.failed()) world_.trouble.insert(receipt);
      co_return;
    }
    EXPECT_EQ(*octets, original_of(receipt)) << receipt;
    switch (fate_of(receipt)) {
    case Fate::all:
      deliver(envelope, envelope.recipients);
      keeper_->done(id);
      break;
    case Fate::one_by_one:
      while (!envelope.recipients.empty()) {
        deliver(envelope, {envelope.recipients.back()});
        envelope.recipients.pop_back();
        if (envelope.recipients.empty()) keeper_->done(id);
        else keeper_->left(id, envelope.recipients);
        const Keeper::Read again = co_await keeper_->read(id); // a turn of the disk passes
        if (dead()) co_return;
      }
      break;
    case Fate::bounce:
      ++world_.bounced[receipt];
      keeper_->done(id);
      break;
    case Fate::deliver_and_hold: deliver(envelope, envelope.recipients); [[fallthrough]];
    case Fate::hold: {
      spool::Held held;
      held.envelope = envelope;
      held.reason = Reason::part_macro;
      const Reason reason = co_await keeper_->hold(id, held, nullptr, 0);
      if (dead() || reason != Reason::none || random_() % 4 != 0) break;
      const Keeper::Read gone = co_await keeper_->read(id); // no person deletes before the spool has let go of it
      if (!dead() && !gone) co_await erase(receipt);
      break;
    }
    }
  }

  void deliver(const spool::Envelope &envelope, const std::vector<std::string> &recipients) {
    for (const std::string &recipient : recipients) ++world_.delivered[envelope.receipt][recipient];
    if (random_() % 8 != 0) return;
    for (const std::string &recipient : recipients) ++world_.delivered[envelope.receipt][recipient]; // its answer was lost
    ++world_.unsure[envelope.receipt];
  }

  Task<void> erase(std::string receipt) {
    auto good = std::make_shared<bool>(false);
    std::function<void(spool::Hold &)> act = [=](spool::Hold &hold) { *good = hold.erase({&receipt, 1}).has_value(); };
    co_await keeper_->with_hold(std::move(act));
    if (!dead() && *good) world_.deleted.insert(receipt);
    else world_.deleted.insert(receipt + " perhaps");
  }

  spool::MemoryDisk &disk_;
  World &world_;
  std::mt19937 &random_;
  net::io_context loop_{1};
  std::map<spool::MailId, spool::Envelope> waiting_;
  std::unique_ptr<Keeper> keeper_;
  std::function<bool()> is_dead_;
};

class DiskFaults : public testing::Test {
protected:
  DiskFaults() {
    char name[] = "/tmp/sekisho-faults-XXXXXX";
    folder_ = ::mkdtemp(name);
  }
  ~DiskFaults() override { std::filesystem::remove_all(folder_); }

  void forget_index() const {
    for (const char *suffix : {"", "-wal", "-shm"}) std::filesystem::remove(index() + suffix);
  }
  std::string index() const { return folder_ + "/index.db"; }

  /// A last life on a well disk ends everything; then each acknowledged mail must have had its fate.
  void judge(spool::MemoryDisk &disk, World &world, std::mt19937 &random, const std::string &where) {
    Life(disk, index(), world, random).live(0, [] { return false; });
    Life last(disk, index(), world, random);
    const std::map<std::string, std::string> held = last.held(disk, index());
    for (const auto &[receipt, octets] : held) {
      // an erasure that was cut off, and the index lost with it: what is left of the mail is told as damaged
      if (octets == "unreadable" && world.deleted.contains(receipt + " perhaps")) continue;
      EXPECT_EQ(octets, as_chars(original_of(receipt))) << where << " " << receipt;
      EXPECT_FALSE(world.deleted.contains(receipt)) << where << " " << receipt << " was deleted";
    }
    for (const std::string &receipt : world.acknowledged) {
      const Fate fate = fate_of(receipt);
      const bool is_held = held.contains(receipt) || world.deleted.contains(receipt) ||
                           world.deleted.contains(receipt + " perhaps");
      const bool has_gone = std::ranges::all_of(
          std::array{"b@town.example.lg.jp", "c@town.example.lg.jp"},
          [&](const char *recipient) { return world.delivered[receipt][recipient] >= 1; });
      switch (fate) {
      case Fate::bounce: EXPECT_GE(world.bounced[receipt], 1) << where << " " << receipt << " is lost"; break;
      case Fate::hold:
        EXPECT_TRUE(is_held) << where << " " << receipt << " is lost";
        EXPECT_FALSE(has_gone) << where << " " << receipt;
        break;
      case Fate::deliver_and_hold:
        EXPECT_TRUE(is_held) << where << " " << receipt << " is not in the hold";
        [[fallthrough]];
      case Fate::all:
      case Fate::one_by_one: EXPECT_TRUE(has_gone) << where << " " << receipt << " is lost"; break;
      }
      for (const auto &[recipient, times] : world.delivered[receipt])
        EXPECT_LE(times, 1 + world.unsure[receipt]) << where << " " << receipt;
    }
    EXPECT_TRUE(world.trouble.empty()) << where << " " << *world.trouble.begin();
  }

  std::string folder_;
};

/// The plug is pulled after each operation in turn, twice in the life of the same disk.
TEST_F(DiskFaults, KilledAtEveryOperation) {
  std::size_t step = 0, acknowledged = 0;
  for (std::size_t round = 0; round < rounds(300) && !HasFailure(); ++round) {
    std::mt19937 random(static_cast<unsigned>(round));
    spool::MemoryDisk disk;
    World world;
    forget_index();
    std::size_t operations = 0;
    for (int life = 0; life < 2; ++life) {
      const std::size_t before = disk.operations();
      disk.fail_after(step);
      // after the plug was pulled nobody hears an answer; in every other round answers of the same turn are heard
      const bool hears_more = round % 2 == 0;
      std::atomic<bool> never = false;
      Life(disk, index(), world, random).live(24, [&] { return hears_more ? never.load() : disk.failed(); });
      operations = disk.operations() - before;
      disk.crash(random);
      if (random() % 4 == 0) forget_index();
    }
    judge(disk, world, random, fmt::format("round {} step {}", round, step));
    acknowledged += world.acknowledged.size();
    step = step > operations ? 0 : step + 1;
  }
  EXPECT_GT(acknowledged, 500u);
}

/// It fills up and has room again; not a mail that was acknowledged suffers.
TEST_F(DiskFaults, FullNowAndThen) {
  std::size_t acknowledged = 0, refused = 0;
  for (std::size_t round = 0; round < rounds(60) && !HasFailure(); ++round) {
    std::mt19937 random(static_cast<unsigned>(round));
    spool::MemoryDisk disk;
    World world;
    forget_index();
    disk.set_room(64 * 1024 + random() % (256 * 1024));
    Life(disk, index(), world, random).live(120, [] { return false; });
    disk.set_room(static_cast<std::uint64_t>(-1));
    judge(disk, world, random, fmt::format("round {}", round));
    acknowledged += world.acknowledged.size();
    refused += 120 - world.acknowledged.size();
  }
  EXPECT_GT(acknowledged, 500u);
  EXPECT_GT(refused, 10u);
}

/// It can be read and not written from some moment on, as ext4 after an error.
TEST_F(DiskFaults, ReadOnlyFromSomeMoment) {
  for (std::size_t round = 0; round < rounds(60) && !HasFailure(); ++round) {
    std::mt19937 random(static_cast<unsigned>(round));
    spool::MemoryDisk disk;
    World world;
    forget_index();
    disk.read_only_after(round % 60);
    Life(disk, index(), world, random).live(40, [] { return false; });
    disk.crash(random);
    judge(disk, world, random, fmt::format("round {}", round));
  }
}

/// Bits flip while it is off: no mail is handed on changed, and one that is lost is told of.
TEST_F(DiskFaults, FlippedBitsAreNeverSilent) {
  std::size_t harmed = 0, told = 0;
  for (std::size_t round = 0; round < rounds(150) && !HasFailure(); ++round) {
    std::mt19937 random(static_cast<unsigned>(round));
    spool::MemoryDisk disk;
    std::map<spool::MailId, std::string> kept;
    {
      auto spool = spool::Spool::open(disk, spool::test_keys(), small_spool);
      for (int i = 0; i < 12; ++i) {
        spool::Envelope envelope;
        envelope.receipt = fmt::format("R{}", i);
        const auto id = spool->put(envelope, std::make_shared<const Buffer>(original_of(envelope.receipt)));
        ASSERT_EQ(spool->commit().failed, Reason::none);
        kept[id] = envelope.receipt;
      }
      spool->done(spool->put({}, std::make_shared<const Buffer>())); // a last batch, whole
      (void)spool->commit();
    }
    disk.harm_somewhere(random);
    auto spool = spool::Spool::open(disk, spool::test_keys(), small_spool);
    ASSERT_TRUE(spool) << spool.error().what;
    bool missing = false;
    for (const auto &[id, receipt] : kept) {
      auto octets = spool->read(id);
      EXPECT_TRUE(!octets || *octets == original_of(receipt)) << "round " << round;
      missing = missing || !octets;
    }
    harmed += missing;
    EXPECT_TRUE(!missing || spool->recovered_damage() > 0) << "round " << round << ": lost, and nobody is told";
    told += spool->recovered_damage() > 0;
  }
  EXPECT_GT(harmed, 20u);
  EXPECT_GE(told, harmed);
}

} // namespace
} // namespace sekisho::relay
