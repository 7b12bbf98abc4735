#include "sanitizer/rebuild/picture/heif_container.hh"

#include <algorithm>
#include <iterator>
#include <optional>
#include <unordered_set>

namespace sekisho::rebuild {
namespace {

constexpr std::size_t most_items = 4096, most_properties = 4096, most_tiles = 1024;

constexpr std::uint32_t name(const char (&text)[5]) {
  std::uint32_t value = 0;
  for (unsigned i = 0; i < 4; ++i)
    value = value << 8 | static_cast<std::uint8_t>(text[i]);
  return value;
}

struct Box {
  std::uint32_t type = 0;
  Bytes body;
};

/// ISO/IEC 14496-12 §4.2.  Nothing at the end or when it runs over.
std::optional<Box> next_box(ByteReader &reader) {
  if (reader.failed() || reader.remaining() < 8) return {};
  std::uint64_t size = reader.read_u32();
  Box box;
  box.type = reader.read_u32();
  std::uint64_t header = 8;
  if (size == 1) size = reader.read_u64(), header = 16;
  if (size == 0) size = header + reader.remaining();
  if (reader.failed() || size < header) return {};
  box.body = reader.take(size - header);
  return reader.failed() ? std::nullopt : std::optional(box);
}

std::optional<Bytes> find_box(Bytes in, std::uint32_t type) {
  ByteReader reader(in);
  while (const std::optional<Box> box = next_box(reader))
    if (box->type == type) return box->body;
  return {};
}

std::uint64_t read_sized(ByteReader &reader, unsigned octets) {
  return octets == 0   ? 0
         : octets == 4 ? reader.read_u32()
         : octets == 8 ? reader.read_u64()
                       : (reader.skip(SIZE_MAX), 0);
}

struct Item {
  std::uint32_t id = 0, type = 0;
  bool hidden = false;
  std::vector<Bytes> pieces;
  std::vector<std::size_t> properties; // places in ipco
};

struct Reference {
  std::uint32_t type = 0, from = 0;
  std::vector<std::uint32_t> to;
};

class HeifReader {
public:
  explicit HeifReader(Bytes untrusted) : file_(untrusted) {}

  Result<HeifPicture, Reason> read() {
    const std::optional<Bytes> meta = find_box(file_, name("meta"));
    if (!meta || meta->size() < 4) return fail(Reason::part_malformed);
    const Bytes boxes = meta->subspan(4); // version and flags
    if (!read_items(boxes) || !read_places(boxes) || !read_properties(boxes))
      return fail(Reason::part_malformed);
    read_references(boxes);
    const std::optional<Bytes> primary = find_box(boxes, name("pitm"));
    if (!primary || primary->size() < 6) return fail(Reason::part_malformed);
    ByteReader reader(*primary);
    const bool wide = reader.read_u32() >> 24 != 0;
    const Item *item = find(wide ? reader.read_u32() : reader.read_u16());
    if (item == nullptr) return fail(Reason::part_malformed);
    Result<HeifPicture, Reason> picture = picture_of(*item);
    if (picture) picture->others = find_box(file_, name("moov")) || has_picture_beside(*item);
    return picture;
  }

private:
  const Item *find(std::uint32_t id) const {
    const auto at = std::find_if(items_.begin(), items_.end(),
                                 [id](const Item &item) { return item.id == id; });
    return at == items_.end() ? nullptr : &*at;
  }

  bool read_items(Bytes boxes) { // iinf, §8.11.6
    const std::optional<Bytes> table = find_box(boxes, name("iinf"));
    if (!table) return false;
    ByteReader reader(*table);
    const bool wide = reader.read_u32() >> 24 != 0;
    const std::size_t count = wide ? reader.read_u32() : reader.read_u16();
    if (count > most_items) return false;
    while (const std::optional<Box> box = next_box(reader)) {
      if (box->type != name("infe") || items_.size() >= most_items) continue;
      ByteReader entry(box->body);
      const std::uint32_t head = entry.read_u32();
      const unsigned version = head >> 24;
      if (version < 2) continue;
      Item item;
      item.hidden = (head & 1) != 0;
      item.id = version == 2 ? entry.read_u16() : entry.read_u32();
      entry.skip(2);
      item.type = entry.read_u32();
      if (!entry.failed()) items_.push_back(item);
    }
    return !items_.empty();
  }

  bool read_places(Bytes boxes) { // iloc, §8.11.3
    const std::optional<Bytes> table = find_box(boxes, name("iloc"));
    if (!table) return false;
    const Bytes inside = find_box(boxes, name("idat")).value_or(Bytes{});
    ByteReader reader(*table);
    const unsigned version = reader.read_u32() >> 24, sizes = reader.read_u16();
    const unsigned offset_size = sizes >> 12, length_size = sizes >> 8 & 15;
    const unsigned base_size = sizes >> 4 & 15, index_size = version > 0 ? sizes & 15 : 0;
    const std::size_t count = version < 2 ? reader.read_u16() : reader.read_u32();
    if (count > most_items) return false;
    for (std::size_t i = 0; i < count && !reader.failed(); ++i) {
      const std::uint32_t id = version < 2 ? reader.read_u16() : reader.read_u32();
      const unsigned method = version > 0 ? reader.read_u16() & 15 : 0;
      reader.skip(2); // in this file; another is never looked at
      const std::uint64_t base = read_sized(reader, base_size);
      const Bytes from = method == 1 ? inside : file_;
      std::vector<Bytes> pieces;
      std::uint64_t octets = 0; // of all pieces: no octet belongs to an item twice
      for (std::size_t left = reader.read_u16(); left > 0 && !reader.failed(); --left) {
        (void)read_sized(reader, index_size);
        const std::uint64_t offset = base + read_sized(reader, offset_size);
        const std::uint64_t length = read_sized(reader, length_size);
        if (method > 1 || offset > from.size() || length > from.size() - offset) return false;
        pieces.push_back(from.subspan(offset, length == 0 ? from.size() - offset : length));
        octets += pieces.back().size();
        if (octets > from.size()) return false;
      }
      for (Item &item : items_)
        if (item.id == id) item.pieces = std::move(pieces);
    }
    return !reader.failed();
  }

  bool read_properties(Bytes boxes) { // ISO/IEC 23008-12 §9.3
    const std::optional<Bytes> all = find_box(boxes, name("iprp"));
    const std::optional<Bytes> list = all ? find_box(*all, name("ipco")) : all;
    if (!list) return false;
    ByteReader reader(*list);
    while (const std::optional<Box> box = next_box(reader))
      if (properties_.size() < most_properties) properties_.push_back(*box);
    ByteReader tables(*all);
    while (const std::optional<Box> box = next_box(tables))
      if (box->type == name("ipma") && !associate(box->body)) return false;
    return true;
  }

  bool associate(Bytes table) {
    ByteReader reader(table);
    const std::uint32_t head = reader.read_u32();
    const bool wide_ids = head >> 24 != 0, wide = (head & 1) != 0;
    const std::uint32_t count = reader.read_u32();
    if (count > most_items) return false;
    for (std::uint32_t left = count; left > 0 && !reader.failed(); --left) {
      const std::uint32_t id = wide_ids ? reader.read_u32() : reader.read_u16();
      std::vector<std::size_t> places;
      for (unsigned count = reader.read_u8(); count > 0; --count) {
        const unsigned place = wide ? reader.read_u16() & 0x7fff : reader.read_u8() & 0x7f;
        if (place > properties_.size()) return false;
        if (place > 0) places.push_back(place - 1);
      }
      for (Item &item : items_)
        if (item.id == id) item.properties = places;
    }
    return !reader.failed();
  }

  void read_references(Bytes boxes) { // iref, §8.11.12
    const std::optional<Bytes> table = find_box(boxes, name("iref"));
    if (!table) return;
    ByteReader reader(*table);
    const bool wide = reader.read_u32() >> 24 != 0;
    while (const std::optional<Box> box = next_box(reader)) {
      ByteReader entry(box->body);
      Reference reference{box->type, wide ? entry.read_u32() : entry.read_u16(), {}};
      for (unsigned left = entry.read_u16(); left > 0 && !entry.failed(); --left)
        reference.to.push_back(wide ? entry.read_u32() : entry.read_u16());
      if (!entry.failed() && references_.size() < most_items)
        references_.push_back(std::move(reference));
    }
  }

  std::optional<Bytes> property(const Item &item, std::uint32_t type) const {
    for (std::size_t place : item.properties)
      if (properties_[place].type == type) return properties_[place].body;
    return {};
  }

  /// auxC of an item that belongs to this one (§6.5.8); HEVC has a name of its own for alpha.
  bool has_alpha(const Item &item) const {
    for (const Reference &reference : references_) {
      if (reference.type != name("auxl") ||
          std::find(reference.to.begin(), reference.to.end(), item.id) == reference.to.end())
        continue;
      const Item *other = find(reference.from);
      const std::optional<Bytes> kind = other ? property(*other, name("auxC")) : std::nullopt;
      const std::string_view text = kind ? as_chars(*kind) : std::string_view{};
      if (text.find("alpha") != text.npos || text.find("hevc:2015:auxid:1") != text.npos)
        return true;
    }
    return false;
  }

  static bool is_picture(const Item &item) {
    constexpr std::uint32_t types[] = {name("hvc1"), name("av01"), name("grid"), name("iovl"),
                                       name("iden"), name("avc1"), name("jpeg")};
    return std::find(std::begin(types), std::end(types), item.type) != std::end(types);
  }

  /// One that is neither a part of another, its thumbnail or its mask, nor hidden (§6.4).
  bool has_picture_beside(const Item &primary) const {
    std::unordered_set<std::uint32_t> belonging = {primary.id};
    for (const Reference &reference : references_) {
      if (reference.type == name("thmb") || reference.type == name("auxl")) belonging.insert(reference.from);
      if (reference.type == name("dimg")) belonging.insert(reference.to.begin(), reference.to.end());
    }
    return std::any_of(items_.begin(), items_.end(), [&](const Item &item) {
      return is_picture(item) && !item.hidden && !belonging.contains(item.id);
    });
  }

  Result<HeifPicture, Reason> picture_of(const Item &item) const {
    HeifPicture picture;
    const std::optional<Bytes> size = property(item, name("ispe"));
    if (!size) return fail(Reason::part_malformed);
    ByteReader reader(*size);
    reader.skip(4);
    picture.width = reader.read_u32(), picture.height = reader.read_u32();
    if (reader.failed() || picture.width == 0 || picture.height == 0)
      return fail(Reason::part_malformed);
    if (has_alpha(item) || property(item, name("clap"))) return fail(Reason::part_variant);
    read_turns(item, picture);
    read_colours(item, picture);
    if (item.type == name("grid")) {
      TRY(read_grid(item, picture));
      return picture;
    }
    TRY(add_tile(item, picture));
    return picture;
  }

  Result<void, Reason> add_tile(const Item &item, HeifPicture &picture) const {
    const bool hevc = item.type == name("hvc1"), av1 = item.type == name("av01");
    if (!hevc && !av1) return fail(Reason::part_variant);
    const std::optional<Bytes> configuration = property(item, hevc ? name("hvcC") : name("av1C"));
    if (!configuration || item.pieces.empty()) return fail(Reason::part_malformed);
    if (!picture.colours.known) read_colours(item, picture);
    picture.tiles.push_back(
        {hevc ? HeifCoding::hevc : HeifCoding::av1, *configuration, item.pieces});
    return {};
  }

  Result<void, Reason> read_grid(const Item &item, HeifPicture &picture) const { // §6.6.2.3.2
    if (item.pieces.size() != 1) return fail(Reason::part_malformed);
    ByteReader reader(item.pieces[0]);
    reader.skip(1);
    const bool wide = (reader.read_u8() & 1) != 0;
    picture.rows = reader.read_u8() + 1u, picture.columns = reader.read_u8() + 1u;
    picture.width = wide ? reader.read_u32() : reader.read_u16();
    picture.height = wide ? reader.read_u32() : reader.read_u16();
    const auto tiles =
        std::find_if(references_.begin(), references_.end(), [&](const Reference &reference) {
          return reference.type == name("dimg") && reference.from == item.id;
        });
    if (reader.failed() || picture.width == 0 || picture.height == 0 ||
        tiles == references_.end() ||
        tiles->to.size() != std::size_t{picture.rows} * picture.columns ||
        tiles->to.size() > most_tiles)
      return fail(Reason::part_malformed);
    std::uint64_t octets = 0; // an item may be several tiles, a large one not many of them
    for (std::uint32_t id : tiles->to) {
      const Item *tile = find(id);
      if (tile == nullptr) return fail(Reason::part_malformed);
      for (const Bytes piece : tile->pieces)
        octets += piece.size();
      if (octets / 2 > file_.size()) return fail(Reason::part_malformed);
      TRY(add_tile(*tile, picture));
    }
    return {};
  }

  void read_turns(const Item &item,
                  HeifPicture &picture) const { // §6.5.10, §6.5.12, in their order
    for (std::size_t place : item.properties) {
      const Box &property = properties_[place];
      if (property.body.empty()) continue;
      const auto value = std::to_integer<unsigned>(property.body[0]);
      constexpr int by_quarters[] = {1, 8, 3, 6}; // anticlockwise
      if (property.type == name("irot")) picture.turns.push_back(by_quarters[value & 3]);
      if (property.type == name("imir")) picture.turns.push_back((value & 1) != 0 ? 2 : 4);
    }
  }

  void read_colours(const Item &item,
                    HeifPicture &picture) const { // colr, ISO/IEC 14496-12 §12.1.5
    for (std::size_t place : item.properties) {
      if (properties_[place].type != name("colr")) continue;
      ByteReader reader(properties_[place].body);
      const std::uint32_t type = reader.read_u32();
      if (type == name("nclx")) {
        reader.skip(4);
        picture.colours = {true, reader.read_u16(), (reader.read_u8() & 0x80) != 0};
      } else if (type == name("prof") || type == name("rICC")) {
        picture.profile = reader.rest();
      }
    }
  }

  Bytes file_;
  std::vector<Item> items_;
  std::vector<Box> properties_;
  std::vector<Reference> references_;
};

} // namespace

Result<HeifPicture, Reason> read_heif(Bytes untrusted) {
  return HeifReader(untrusted).read();
}

bool fit(const HeifPicture &picture, std::uint32_t tile_width, std::uint32_t tile_height) {
  const auto along = [](std::uint64_t tile, std::uint64_t tiles, std::uint64_t whole) {
    return tile * tiles >= whole && tile * (tiles - 1) < whole;
  };
  return along(tile_width, picture.columns, picture.width) &&
         along(tile_height, picture.rows, picture.height);
}

} // namespace sekisho::rebuild
