#include "sanitizer/rebuild/pdf/page_codec.hh"

namespace sekisho::rebuild {
namespace {

constexpr std::size_t most_data = 0xffffffff, most_palette = 768, most_text = most_text_of_page * 4;
constexpr std::uint32_t least_side = 100, most_side = 1'440'000; // 1/100 point
constexpr unsigned ways = 3;
constexpr unsigned readable = 1, remarks = 2, hidden = 4, gaps = 8, undrawn = 16; // of an octet

void put_run(ByteWriter &writer, const TextRun &run) {
  writer.put_u8(static_cast<std::uint8_t>(run.way));
  for (std::uint32_t value : {run.x, run.y, run.advance, run.height})
    writer.put_u32(value);
  writer.put_counted(run.text);
}

TextRun read_run(ByteReader &reader, bool &good) {
  TextRun run;
  const unsigned way = reader.read_u8();
  good = good && way < ways;
  if (good) run.way = static_cast<TextRun::Way>(way);
  for (std::uint32_t *value : {&run.x, &run.y, &run.advance, &run.height})
    *value = reader.read_u32();
  run.text = reader.take_string(most_text);
  return run;
}

bool read_picture(ByteReader &reader, PagePicture &picture) {
  picture.width = reader.read_u32();
  picture.height = reader.read_u32();
  const unsigned coding = reader.read_u8();
  picture.bits = reader.read_u8();
  const unsigned blank = reader.read_u8();
  picture.blank = blank == 1;
  picture.palette = to_buffer(reader.take_counted(most_palette));
  picture.data = to_buffer(reader.take_counted(most_data));
  if (coding >= page_coding_count || blank > 1) return false;
  picture.coding = static_cast<PagePicture::Coding>(coding);
  const bool has_palette = picture.coding == PagePicture::Coding::palette_flate;
  return picture.palette.size() % 3 == 0 && has_palette == !picture.palette.empty();
}

bool is_side(std::uint32_t hundredths) {
  return hundredths >= least_side && hundredths <= most_side;
}

} // namespace

Buffer encode(const PrintedPage &page) {
  ByteWriter writer;
  writer.put_u32(page.width);
  writer.put_u32(page.height);
  writer.put_u8(static_cast<std::uint8_t>((page.readable ? readable : 0) | (page.remarks ? remarks : 0) |
                                          (page.hidden ? hidden : 0) | (page.gaps ? gaps : 0) |
                                          (page.undrawn ? undrawn : 0)));
  writer.put_u32(page.picture.width);
  writer.put_u32(page.picture.height);
  writer.put_u8(static_cast<std::uint8_t>(page.picture.coding));
  writer.put_u8(static_cast<std::uint8_t>(page.picture.bits));
  writer.put_u8(page.picture.blank ? 1 : 0);
  writer.put_counted(page.picture.palette);
  writer.put_counted(page.picture.data);
  writer.put_u32(static_cast<std::uint32_t>(page.text.size()));
  for (const TextRun &run : page.text)
    put_run(writer, run);
  return writer.take();
}

Result<PrintedPage> decode_page(Bytes untrusted) {
  ByteReader reader(untrusted);
  PrintedPage page;
  page.width = reader.read_u32();
  page.height = reader.read_u32();
  const unsigned about = reader.read_u8();
  page.readable = (about & readable) != 0;
  page.remarks = (about & remarks) != 0;
  page.hidden = (about & hidden) != 0;
  page.gaps = (about & gaps) != 0;
  page.undrawn = (about & undrawn) != 0;
  bool good = is_side(page.width) && is_side(page.height) && about <= (readable | remarks | hidden | gaps | undrawn);
  good = read_picture(reader, page.picture) && good;
  const std::uint32_t runs = reader.read_u32();
  good = good && runs <= most_text_of_page;
  for (std::uint32_t i = 0; i < runs && good && !reader.failed(); ++i)
    page.text.push_back(read_run(reader, good));
  if (!good || reader.failed() || !reader.at_end()) return fail("page: not what encode() writes");
  return page;
}

} // namespace sekisho::rebuild
