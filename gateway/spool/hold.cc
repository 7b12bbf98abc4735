#include "gateway/spool/hold.hh"

#include "base/log.hh"

#include <fmt/format.h>
#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <random>

namespace sekisho::spool {
namespace {

constexpr const char *schema =
    "CREATE TABLE IF NOT EXISTS held(receipt TEXT PRIMARY KEY, sender TEXT, recipients TEXT,"
    " subject TEXT, reason TEXT, relay TEXT, time INTEGER, delivered INTEGER, size INTEGER,"
    " segment INTEGER, offset INTEGER, length INTEGER);"
    "CREATE INDEX IF NOT EXISTS held_time ON held(time);";

std::string segment_name(std::uint64_t sequence) { return fmt::format("hold-{:08}", sequence); }

Buffer encode_head(const Held &held) {
  ByteWriter writer;
  writer.put_bytes(encode(held.envelope));
  writer.put_counted(held.subject);
  writer.put_u8(static_cast<std::uint8_t>(held.reason));
  writer.put_u8(held.delivered);
  writer.put_u64(static_cast<std::uint64_t>(held.time));
  return writer.take();
}

Result<Held> decode_head(ByteReader &reader) {
  Held held;
  auto envelope = decode_envelope(reader);
  if (!envelope) return fail(envelope.error());
  held.envelope = std::move(*envelope);
  held.subject = reader.take_string(64 * 1024);
  std::optional<Reason> reason = reason_from_octet(reader.read_u8());
  held.delivered = reader.read_u8() != 0;
  held.time = static_cast<UnixSeconds>(reader.read_u64());
  held.size = reader.remaining();
  if (reader.failed() || !reason) return fail("damaged record in the hold");
  held.reason = *reason;
  return held;
}

std::string joined(const std::vector<std::string> &words) {
  std::string all;
  for (const std::string &word : words) all += (all.empty() ? "" : "\n") + word;
  return all;
}

std::vector<std::string> split(std::string_view all) {
  std::vector<std::string> words;
  while (!all.empty()) {
    const std::size_t end = std::min(all.find('\n'), all.size());
    words.emplace_back(all.substr(0, end));
    all.remove_prefix(std::min(end + 1, all.size()));
  }
  return words;
}

/// One prepared statement, bound in order.
class Statement {
public:
  Statement(sqlite3 *database, const char *sql) {
    if (sqlite3_prepare_v2(database, sql, -1, &statement_, nullptr) != SQLITE_OK) statement_ = nullptr;
  }
  ~Statement() { sqlite3_finalize(statement_); }
  Statement(const Statement &) = delete;
  Statement &operator=(const Statement &) = delete;

  Statement &text(std::string_view value) {
    sqlite3_bind_text(statement_, ++bound_, value.data(), static_cast<int>(value.size()), SQLITE_TRANSIENT);
    return *this;
  }
  Statement &number(std::uint64_t value) {
    sqlite3_bind_int64(statement_, ++bound_, static_cast<sqlite3_int64>(value));
    return *this;
  }
  bool row() { return statement_ && sqlite3_step(statement_) == SQLITE_ROW; }
  bool done() { return statement_ && sqlite3_step(statement_) == SQLITE_DONE; }
  std::string text_at(int column) const {
    const unsigned char *value = sqlite3_column_text(statement_, column);
    return value ? std::string(reinterpret_cast<const char *>(value)) : std::string();
  }
  std::uint64_t number_at(int column) const {
    return static_cast<std::uint64_t>(sqlite3_column_int64(statement_, column));
  }

private:
  sqlite3_stmt *statement_ = nullptr;
  int bound_ = 0;
};

constexpr const char *columns =
    "SELECT receipt, sender, recipients, subject, reason, relay, time, delivered, size FROM held ";

Held read_row(const Statement &row) {
  Held held;
  held.envelope.receipt = row.text_at(0);
  held.envelope.from = row.text_at(1);
  held.envelope.recipients = split(row.text_at(2));
  held.subject = row.text_at(3);
  held.reason = reason_from_word(row.text_at(4)).value_or(Reason::none);
  held.envelope.relay = row.text_at(5);
  held.time = static_cast<UnixSeconds>(row.number_at(6));
  held.delivered = row.number_at(7) != 0;
  held.size = row.number_at(8);
  return held;
}

} // namespace

Result<Hold> Hold::open(Disk &disk, const std::string &index_path, HoldSettings settings) {
  auto hold = try_open(disk, index_path, settings);
  if (hold) return hold;
  log_error("the index of the hold is made anew: " + hold.error().what);
  for (const char *suffix : {"", "-wal", "-shm"}) ::unlink((index_path + suffix).c_str());
  return try_open(disk, index_path, settings);
}

Result<Hold> Hold::try_open(Disk &disk, const std::string &index_path, HoldSettings settings) {
  sqlite3 *opened = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  const int error = sqlite3_open_v2(index_path.c_str(), &opened, flags, nullptr);
  Hold hold(disk, settings, Database(opened, sqlite3_close));
  if (error != SQLITE_OK) return fail("cannot open the hold's index " + index_path);
  TRY(hold.prepare());
  TRY(hold.catch_up());
  return hold;
}

Result<void> Hold::prepare() {
  // the segments are flushed first and can make the index good again: it need not be flushed a mail
  for (const char *sql : {"PRAGMA journal_mode=WAL", "PRAGMA synchronous=NORMAL", schema}) TRY(run(sql));
  return {};
}

/// Reads the segments the index may lag behind: all at and after the last one it knows of.
Result<void> Hold::catch_up() {
  std::uint64_t indexed = 0;
  if (Statement last(index_.get(), "SELECT max(segment) FROM held"); last.row()) indexed = last.number_at(0);
  auto names = disk_->list();
  if (!names) return fail("cannot read the hold's folder");
  TRY(run("BEGIN"));
  for (const std::string &name : *names) {
    if (!name.starts_with("hold-")) continue;
    const std::uint64_t sequence = std::strtoull(name.c_str() + 5, nullptr, 10);
    next_sequence_ = std::max(next_sequence_, sequence + 1);
    auto file = disk_->open(name);
    if (!file) return fail("cannot open " + name);
    auto size = disk_->size(*file);
    if (!size) return fail("cannot read " + name);
    octets_ += *size;
    if (sequence < indexed) continue;
    auto octets = disk_->read(*file, 0, *size);
    if (!octets) return fail("cannot read " + name);
    std::optional<Use> use = read_use(*octets);
    if (!use) continue;
    scan(*octets, *use, [&](const Record &record) {
      ByteReader reader(record.payload);
      auto held = decode_head(reader);
      const Place place{sequence, record.offset - record_header, record.header.length};
      if (!held || has(held->envelope.receipt)) return;
      if (!index_one(*held, place)) log_error("hold: cannot index " + held->envelope.receipt);
    });
  }
  TRY(run("COMMIT"));
  first_sequence_ = next_sequence_;
  if (Statement all(index_.get(), "SELECT count(*) FROM held"); all.row()) count_ = all.number_at(0);
  return {};
}

void Hold::put(Held held, std::shared_ptr<const Buffer> original) {
  held.size = original->size();
  Buffer head = encode_head(held);
  pending_.push_back({std::move(held), std::move(head), std::move(original)});
}

Reason Hold::commit() {
  if (failed_) {
    pending_.clear();
    return Reason::spool_failed;
  }
  std::erase_if(pending_, [&](const Pending &pending) { return has(pending.held.envelope.receipt); });
  std::vector<Place> places;
  const Segment before = active_;
  const std::uint64_t octets_before = octets_;
  if (auto written = write_all(places); !written) {
    pending_.clear();
    failed_ = written.error() != DiskError::full;
    if (!failed_) take_back(before, octets_before);
    return failed_ ? Reason::spool_failed : Reason::spool_full;
  }
  for (std::size_t i = 0; i < places.size(); ++i)
    unindexed_.emplace_back(std::move(pending_[i].held), places[i]);
  pending_.clear();
  if (auto indexed = index_all(); !indexed) log_error("hold: " + indexed.error().what);
  return Reason::none;
}

/// A full disk is asked again and again: each time what was written is given back, room and descriptors.
void Hold::take_back(const Segment &before, std::uint64_t octets) {
  for (std::uint64_t sequence = std::max(before.use.sequence + 1, first_sequence_); sequence < next_sequence_;
       ++sequence)
    if (auto file = disk_->open(segment_name(sequence))) (void)disk_->remove(segment_name(sequence), *file);
  next_sequence_ = std::max(before.use.sequence + 1, first_sequence_);
  active_ = before; // written over from its end
  octets_ = octets;
}

Result<void, DiskError> Hold::write_all(std::vector<Place> &places) {
  for (const Pending &pending : pending_) {
    static constexpr std::byte padding[record_align]{};
    const Bytes payload[] = {pending.head, *pending.original};
    const std::uint64_t length = payload[0].size() + payload[1].size();
    if (active_.file < 0 || active_.end + record_size(length) > active_.size) {
      if (active_.file >= 0) TRY(disk_->flush(active_.file));
      TRY(begin_segment(record_size(length)));
    }
    const HeaderOctets header = seal({active_.use, count_, RecordKind::mail, static_cast<std::uint32_t>(length)},
                                     payload);
    const Bytes pieces[] = {header, payload[0], payload[1],
                            Bytes(padding).first(record_size(length) - record_header - length)};
    TRY(disk_->write(active_.file, active_.end, pieces));
    places.push_back({active_.use.sequence, active_.end, length});
    active_.end += record_size(length);
    octets_ += record_size(length);
  }
  if (pending_.empty()) return {};
  return disk_->flush(active_.file);
}

/// Not preallocated: it is written once, and a hold that is seldom used takes no room.
Result<void, DiskError> Hold::begin_segment(std::uint64_t needed) {
  if (octets_ + needed > settings_.most_octets) return fail(DiskError::full);
  std::random_device random;
  const Use use{next_sequence_, std::uint64_t{random()} << 32 | random()};
  auto file = disk_->open(segment_name(next_sequence_++));
  if (!file) return fail(file.error());
  const Buffer header = encode_use(use);
  const Bytes piece = header;
  TRY(disk_->write(*file, 0, {&piece, 1}));
  TRY(disk_->flush(*file));
  active_ = {*file, use, records_start, std::max(settings_.segment_size, records_start + needed)};
  return {};
}

/// What an earlier commit could not index goes first: catch_up() trusts that nothing is missing in segments
/// before the last that the index knows.
Result<void> Hold::index_all() {
  if (unindexed_.empty()) return {};
  Result<void> indexed = run("BEGIN");
  for (const auto &[held, place] : unindexed_)
    if (indexed) indexed = index_one(held, place);
  if (indexed) indexed = run("COMMIT");
  if (!indexed) {
    (void)run("ROLLBACK");
    return indexed;
  }
  count_ += unindexed_.size();
  unindexed_.clear();
  return {};
}

Result<void> Hold::index_one(const Held &held, const Place &place) {
  Statement insert(index_.get(), "INSERT OR IGNORE INTO held VALUES(?,?,?,?,?,?,?,?,?,?,?,?)");
  insert.text(held.envelope.receipt).text(held.envelope.from).text(joined(held.envelope.recipients));
  insert.text(held.subject).text(word_of(held.reason)).text(held.envelope.relay);
  insert.number(static_cast<std::uint64_t>(held.time)).number(held.delivered).number(held.size);
  insert.number(place.segment).number(place.offset).number(place.length);
  if (!insert.done()) return fail(std::string("index: ") + sqlite3_errmsg(index_.get()));
  return {};
}

Result<std::vector<Held>> Hold::list(std::size_t limit) const {
  const std::string sql = std::string(columns) + "ORDER BY time DESC, rowid DESC LIMIT ?";
  Statement select(index_.get(), sql.c_str());
  select.number(limit);
  std::vector<Held> all;
  while (select.row()) all.push_back(read_row(select));
  return all;
}

Result<Held> Hold::find(const std::string &receipt) const {
  const std::string sql = std::string(columns) + "WHERE receipt = ?";
  Statement select(index_.get(), sql.c_str());
  if (!select.text(receipt).row()) return fail("nothing is held under " + receipt);
  return read_row(select);
}

Result<Buffer> Hold::read(const std::string &receipt) {
  Statement select(index_.get(), "SELECT segment, offset, length FROM held WHERE receipt = ?");
  if (!select.text(receipt).row()) return fail("nothing is held under " + receipt);
  auto file = disk_->open(segment_name(select.number_at(0)));
  if (!file) return fail("cannot open the hold's segment");
  auto head = disk_->read(*file, 0, records_start);
  auto octets = disk_->read(*file, select.number_at(1), record_header + select.number_at(2));
  if (!head || !octets) return fail("cannot read the hold");
  std::optional<Record> record = read_record(*octets, 0, read_use(*head).value_or(Use{}));
  if (!record) return fail("damaged record in the hold");
  ByteReader reader(record->payload);
  auto held = decode_head(reader);
  if (!held || held->envelope.receipt != receipt) return fail("damaged record in the hold");
  return to_buffer(reader.rest());
}

bool Hold::has(const std::string &receipt) const {
  Statement select(index_.get(), "SELECT 1 FROM held WHERE receipt = ?");
  return select.text(receipt).row();
}

Result<void> Hold::run(const char *sql) const {
  if (sqlite3_exec(index_.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK)
    return fail(std::string("index: ") + sqlite3_errmsg(index_.get()));
  return {};
}

} // namespace sekisho::spool
