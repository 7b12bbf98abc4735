// The walk that writes a part of a document anew: names resolved to listed ones, what is dropped,
// unwrapped or written decided by whoever derives from it.  Private to rebuild.
#pragma once

#include "base/result.hh"
#include "sanitizer/job/job.hh"
#include "sanitizer/rebuild/office/xml_scanner.hh"

#include <array>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace sekisho::rebuild {

/// What was found in a document while its parts are rewritten.
struct Findings {
  explicit Findings(const job::Plan &plan) : plan(plan) {}
  void note(Reason reason) { found[static_cast<std::size_t>(reason)] = true; }
  void forget(Reason reason) { found[static_cast<std::size_t>(reason)] = false; }
  bool keeps_tracked() {
    const bool keeps = plan.tracked == job::Beside::keep;
    note(keeps ? Reason::office_tracked : Reason::office_tracked_removed);
    return keeps;
  }
  bool keeps_hidden() {
    const bool keeps = plan.hidden == job::Beside::keep;
    note(keeps ? Reason::office_hidden : Reason::office_hidden_removed);
    return keeps;
  }
  /// In their order, behind `first`.
  std::vector<Reason> reasons(Reason first) const {
    std::vector<Reason> reasons = {first};
    for (std::size_t i = 0; i < reason_count; ++i)
      if (found[i]) reasons.push_back(static_cast<Reason>(i));
    return reasons;
  }

  /// Of a document whose pages are drawn: what they do not show, found while all of it was kept.
  std::vector<Reason> unseen() const {
    struct Row {
      Reason found, told;
    };
    constexpr Row rows[] = {{Reason::part_signature, Reason::part_signature},
                            {Reason::office_macro, Reason::part_macro},
                            {Reason::office_link_to_text, Reason::part_external_link},
                            {Reason::office_embedded, Reason::office_embedded},
                            {Reason::office_dde, Reason::office_dde},
                            {Reason::office_external, Reason::office_external},
                            {Reason::office_tracked, Reason::office_tracked},
                            {Reason::office_hidden, Reason::office_hidden_removed},
                            {Reason::office_not_printed, Reason::office_not_printed},
                            {Reason::office_field_empty, Reason::office_field_empty}};
    std::vector<Reason> reasons;
    for (const Row &row : rows)
      if (found[static_cast<std::size_t>(row.found)]) reasons.push_back(row.told);
    return reasons;
  }

  const job::Plan &plan;
  std::array<bool, reason_count> found{};
};

/// The job as if the rules kept everything, so that all of it is found.
inline job::Job keeping_all(job::Job job) {
  job.plan.tracked = job.plan.hidden = job::Beside::keep;
  job.plan.formulas = job::Formulas::keep;
  return job;
}

inline std::string_view local_of(std::string_view name) {
  const std::size_t colon = name.find(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

inline std::string trimmed(std::string text) {
  constexpr std::string_view space = " \t\r\n";
  const std::size_t start = text.find_first_not_of(space);
  if (start == std::string::npos) return {};
  return text.substr(start, text.find_last_not_of(space) - start + 1);
}

/// `Names` has types Ns (with none, unknown and xml) and Element (see NamedElement), and
///   static const Element *find(Ns, std::string_view local);  never null
///   static Ns ns_of(std::string_view uri);
template <class Names> class XmlFilter {
public:
  using Ns = typename Names::Ns;
  using Element = typename Names::Element;

  virtual ~XmlFilter() = default;

  Result<std::string, Reason> run() {
    out_ = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
    for (;;) {
      switch (scanner_.next()) {
      case XmlScanner::Event::start:
        if (skipping_)
          skipped_start();
        else if (!start())
          return fail(refused_ == Reason::none ? Reason::part_malformed : refused_);
        break;
      case XmlScanner::Event::end:
        if (!skipping_)
          close();
        else if (scanner_.depth() == skip_level_)
          skipping_ = false, watch_ = Watch::nothing;
        break;
      case XmlScanner::Event::text:
        if (skipping_)
          skipped_text();
        else if (!append_text(out_, scanner_.text(), scanner_.is_cdata()))
          return fail(Reason::part_malformed);
        break;
      case XmlScanner::Event::done: return std::move(out_);
      case XmlScanner::Event::bad: return fail(scanner_.reason());
      }
      if (out_.size() > most_) return fail(Reason::part_too_big);
    }
  }

protected:
  enum class Verdict : std::uint8_t { write, unwrap, skip };

  struct Frame {
    const Element *element;
    std::size_t start, content; // of the result: before its tag, behind it
    std::size_t bindings;       // as many were known before it
    bool written = false;
    bool poisoned = false; // goes with all that is in it
    bool has_child = false;
    bool chosen = false;   // of alternatives
    std::string note = {}; // what whoever derives keeps of it
  };

  /// What becomes of an attribute, whatever its value; `kind`: of whoever derives.
  struct AttributeUse {
    std::uint8_t kind = 0; // 0: dropped
    std::string name;      // as written
  };

  /// `most` octets are written.
  XmlFilter(std::string_view xml, Findings &findings, std::size_t most)
      : scanner_(xml), findings_(findings), most_(most) {
    out_.reserve(xml.size() + 4096);
    bindings_.push_back({"xml", Ns::xml});
  }

  virtual Verdict decide(const Element &element) = 0;
  virtual AttributeUse find_use(std::string_view raw, Ns element) const = 0;
  /// Behind the root's name.
  virtual void declare() = 0;
  /// Appended; false where the part is malformed.
  virtual bool write_attribute(const XmlScanner::Attribute &attribute, const Element &element) = 0;
  /// Of a written element: finish() it, or take it back.  False where nothing of it is left.
  virtual bool end(Frame &frame) = 0;
  /// Of an element that was unwrapped.
  virtual void left(const Frame &) {}
  /// Behind the attributes of a written element, before its content.
  virtual void opened(Frame &) {}
  virtual bool is_root(const Element &element) const = 0;
  /// Of an element in one that is skipped after drop_watching().
  virtual bool is_missed(std::string_view) const { return false; }

  Ns resolve(std::string_view prefix) const {
    for (std::size_t i = bindings_.size(); i-- > 0;)
      if (bindings_[i].prefix == prefix) return bindings_[i].ns;
    return prefix.empty() ? Ns::none : Ns::unknown;
  }

  const AttributeUse &use_of(std::string_view raw, Ns element) {
    AttributeSlot &slot =
        attributes_[(hash_of(raw) + static_cast<std::size_t>(element)) % attributes_.size()];
    if (slot.epoch == epoch_ && slot.ns == element && slot.raw == raw) return *slot.use;
    uses_.push_back(find_use(raw, element));
    slot = {raw, epoch_, element, &uses_.back()};
    return uses_.back();
  }

  /// The attribute that has this name when it is written, as it stands; empty where it is not there.
  std::string_view raw_of(std::string_view name) {
    const bool prefixed = name.find(':') != std::string_view::npos;
    for (const XmlScanner::Attribute &attribute : scanner_.attributes()) {
      const std::string_view known =
          prefixed ? std::string_view(use_of(attribute.name, here_).name) : attribute.name;
      if (known == name) return attribute.value;
    }
    return {};
  }
  /// What a reader takes from it: decoded, without space around it.
  std::string value_of(std::string_view name) { return trimmed(plain(raw_of(name))); }

  Frame *parent() { return frames_.empty() ? nullptr : &frames_.back(); }
  bool parent_is(std::string_view name) { return parent() && parent()->element->name == name; }

  Verdict drop_for(Reason reason) {
    if (reason != Reason::none) findings_.note(reason);
    return Verdict::skip;
  }
  /// What is skipped is told where there is a word in it, or something that is missed.
  enum class Watch : std::uint8_t { nothing, words, elements };
  Verdict drop_watching(Watch watch) {
    watch_ = watch;
    return Verdict::skip;
  }
  /// The whole part is refused.
  Verdict refuse(Reason reason) {
    refused_ = reason;
    return Verdict::skip;
  }

  bool put_attribute(std::string_view name, std::string_view raw) {
    out_ += ' ';
    out_ += name;
    out_ += "=\"";
    if (!append_value(out_, raw)) return false;
    out_ += '"';
    return true;
  }

  void finish(const Frame &frame) {
    if (out_.size() == frame.content) {
      out_.back() = '/';
      out_ += '>';
      return;
    }
    out_ += "</";
    out_ += frame.element->name;
    out_ += '>';
  }

  XmlScanner scanner_;
  Findings &findings_;
  std::string out_;
  std::vector<Frame> frames_;

private:
  struct Binding {
    std::string_view prefix;
    Ns ns;
  };
  struct ElementSlot {
    std::string_view raw;
    std::uint32_t epoch = 0;
    const Element *element = nullptr;
  };
  struct AttributeSlot {
    std::string_view raw;
    std::uint32_t epoch = 0;
    Ns ns = Ns::unknown;
    const AttributeUse *use = nullptr;
  };

  void tell_skipped() {
    findings_.note(Reason::office_unlisted);
    watch_ = Watch::nothing;
  }
  void skipped_text() {
    if (watch_ == Watch::words && scanner_.text().find_first_not_of(" \t\r\n") != std::string_view::npos) tell_skipped();
  }
  void skipped_start() {
    if (watch_ == Watch::elements && is_missed(local_of(scanner_.name()))) tell_skipped();
  }

  static std::size_t hash_of(std::string_view name) {
    std::size_t hash = name.size();
    for (const char c : name)
      hash = hash * 31 + static_cast<unsigned char>(c);
    return hash ^ hash >> 9;
  }

  /// False where there are too many: each is compared with all.
  bool bind() {
    for (const XmlScanner::Attribute &attribute : scanner_.attributes()) {
      if (!attribute.name.starts_with("xmlns")) continue;
      const std::string_view rest = attribute.name.substr(5);
      if (!rest.empty() && rest.front() != ':') continue;
      const Binding binding{rest.empty() ? rest : rest.substr(1), Names::ns_of(attribute.value)};
      for (const Binding &other : bindings_)
        doubled_ = doubled_ || (other.ns == binding.ns && other.prefix != binding.prefix);
      bindings_.push_back(binding);
      ++epoch_;
      if (bindings_.size() > most_bindings) return false;
    }
    return true;
  }
  void unbind(std::size_t count) {
    if (bindings_.size() == count) return;
    bindings_.resize(count);
    ++epoch_;
  }

  /// Two attributes under one name, by two prefixes (Namespaces in XML 1.0, 6.3).
  bool has_attribute_twice(Ns element) {
    if (!doubled_) return false;
    const std::vector<XmlScanner::Attribute> &all = scanner_.attributes();
    for (std::size_t i = 0; i < all.size(); ++i) {
      const std::string &name = use_of(all[i].name, element).name;
      for (std::size_t j = 0; j < i && !name.empty(); ++j)
        if (use_of(all[j].name, element).name == name) return true;
    }
    return false;
  }

  const Element *element_of(std::string_view raw) {
    ElementSlot &slot = elements_[hash_of(raw) % elements_.size()];
    if (slot.epoch == epoch_ && slot.raw == raw) return slot.element;
    const std::size_t colon = raw.find(':');
    const Ns ns =
        resolve(colon == std::string_view::npos ? std::string_view{} : raw.substr(0, colon));
    slot = {raw, epoch_, Names::find(ns, local_of(raw))};
    return slot.element;
  }

  bool start() {
    const std::size_t bindings = bindings_.size();
    if (!bind()) return false;
    const Element *element = element_of(scanner_.name());
    here_ = element->ns;
    if (frames_.empty() && !is_root(*element)) return false;
    const Verdict verdict = decide(*element);
    if (refused_ != Reason::none) return false;
    switch (verdict) {
    case Verdict::skip:
      skipping_ = true;
      skip_level_ = scanner_.depth() - 1;
      unbind(bindings);
      return true;
    case Verdict::unwrap:
      frames_.push_back({element, out_.size(), out_.size(), bindings});
      return true;
    case Verdict::write: break;
    }
    if (has_attribute_twice(element->ns)) return false;
    Frame frame{element, out_.size(), 0, bindings};
    frame.written = true;
    out_ += '<';
    out_ += element->name;
    if (frames_.empty()) declare();
    for (const XmlScanner::Attribute &attribute : scanner_.attributes())
      if (!write_attribute(attribute, *element)) return false;
    out_ += '>';
    frame.content = out_.size();
    opened(frame);
    frames_.push_back(std::move(frame));
    return true;
  }

  void close() {
    Frame frame = std::move(frames_.back());
    frames_.pop_back();
    unbind(frame.bindings);
    bool stays = frame.has_child;
    if (frame.written)
      stays = end(frame);
    else
      left(frame);
    if (stays && parent()) parent()->has_child = true;
  }

  static constexpr std::size_t most_bindings = 256;

  std::size_t most_;
  Ns here_ = Ns::none; // of the element that is being started
  std::vector<Binding> bindings_;
  std::uint32_t epoch_ = 1;
  std::array<ElementSlot, 512> elements_{};
  std::array<AttributeSlot, 512> attributes_{};
  std::deque<AttributeUse> uses_;
  bool skipping_ = false, doubled_ = false;
  std::size_t skip_level_ = 0;
  Watch watch_ = Watch::nothing; // of what is skipped
  Reason refused_ = Reason::none;
};

} // namespace sekisho::rebuild
