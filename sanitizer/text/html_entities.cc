#include "base/utf8.hh"
#include "sanitizer/text/html.hh"

#include <algorithm>
#include <array>
#include <iterator>

namespace sekisho::text {
namespace {

// U+00A0 to U+00FF in order: the names that also work without a semicolon.
constexpr std::array<std::string_view, 96> latin1 = {
    "nbsp",   "iexcl",  "cent",   "pound",  "curren", "yen",    "brvbar", "sect",   "uml",
    "copy",   "ordf",   "laquo",  "not",    "shy",    "reg",    "macr",   "deg",    "plusmn",
    "sup2",   "sup3",   "acute",  "micro",  "para",   "middot", "cedil",  "sup1",   "ordm",
    "raquo",  "frac14", "frac12", "frac34", "iquest", "Agrave", "Aacute", "Acirc",  "Atilde",
    "Auml",   "Aring",  "AElig",  "Ccedil", "Egrave", "Eacute", "Ecirc",  "Euml",   "Igrave",
    "Iacute", "Icirc",  "Iuml",   "ETH",    "Ntilde", "Ograve", "Oacute", "Ocirc",  "Otilde",
    "Ouml",   "times",  "Oslash", "Ugrave", "Uacute", "Ucirc",  "Uuml",   "Yacute", "THORN",
    "szlig",  "agrave", "aacute", "acirc",  "atilde", "auml",   "aring",  "aelig",  "ccedil",
    "egrave", "eacute", "ecirc",  "euml",   "igrave", "iacute", "icirc",  "iuml",   "eth",
    "ntilde", "ograve", "oacute", "ocirc",  "otilde", "ouml",   "divide", "oslash", "ugrave",
    "uacute", "ucirc",  "uuml",   "yacute", "thorn",  "yuml"};

struct Named {
  std::string_view name;
  char32_t code_point;
};

// Sorted by name, in octet order.
constexpr Named others[] = {
    {"Alpha", 0x391},
    {"Beta", 0x392},
    {"Chi", 0x3a7},
    {"Dagger", 0x2021},
    {"Delta", 0x394},
    {"Epsilon", 0x395},
    {"Eta", 0x397},
    {"Gamma", 0x393},
    {"Iota", 0x399},
    {"Kappa", 0x39a},
    {"Lambda", 0x39b},
    {"Mu", 0x39c},
    {"NewLine", 0x0a},
    {"Nu", 0x39d},
    {"OElig", 0x152},
    {"Omega", 0x3a9},
    {"Omicron", 0x39f},
    {"Phi", 0x3a6},
    {"Pi", 0x3a0},
    {"Prime", 0x2033},
    {"Psi", 0x3a8},
    {"Rho", 0x3a1},
    {"Scaron", 0x160},
    {"Sigma", 0x3a3},
    {"Tab", 0x09},
    {"Tau", 0x3a4},
    {"Theta", 0x398},
    {"Upsilon", 0x3a5},
    {"Xi", 0x39e},
    {"Yuml", 0x178},
    {"ZeroWidthSpace", 0x200b},
    {"Zeta", 0x396},
    {"alefsym", 0x2135},
    {"alpha", 0x3b1},
    {"amp", '&'},
    {"and", 0x2227},
    {"ang", 0x2220},
    {"apos", '\''},
    {"ast", '*'},
    {"asymp", 0x2248},
    {"bdquo", 0x201e},
    {"beta", 0x3b2},
    {"bsol", '\\'},
    {"bull", 0x2022},
    {"bullet", 0x2022},
    {"cap", 0x2229},
    {"check", 0x2713},
    {"chi", 0x3c7},
    {"circ", 0x2c6},
    {"clubs", 0x2663},
    {"colon", ':'},
    {"comma", ','},
    {"commat", '@'},
    {"cong", 0x2245},
    {"crarr", 0x21b5},
    {"cup", 0x222a},
    {"dArr", 0x21d3},
    {"dagger", 0x2020},
    {"darr", 0x2193},
    {"dash", 0x2010},
    {"delta", 0x3b4},
    {"diams", 0x2666},
    {"dollar", '$'},
    {"empty", 0x2205},
    {"emsp", 0x2003},
    {"ensp", 0x2002},
    {"epsilon", 0x3b5},
    {"equals", '='},
    {"equiv", 0x2261},
    {"eta", 0x3b7},
    {"euro", 0x20ac},
    {"excl", '!'},
    {"exist", 0x2203},
    {"fnof", 0x192},
    {"forall", 0x2200},
    {"frasl", 0x2044},
    {"gamma", 0x3b3},
    {"ge", 0x2265},
    {"gt", '>'},
    {"hArr", 0x21d4},
    {"harr", 0x2194},
    {"hearts", 0x2665},
    {"hellip", 0x2026},
    {"hyphen", 0x2010},
    {"image", 0x2111},
    {"infin", 0x221e},
    {"int", 0x222b},
    {"iota", 0x3b9},
    {"isin", 0x2208},
    {"kappa", 0x3ba},
    {"lArr", 0x21d0},
    {"lambda", 0x3bb},
    {"lang", 0x27e8},
    {"larr", 0x2190},
    {"lbrace", '{'},
    {"lbrack", '['},
    {"lceil", 0x2308},
    {"ldquo", 0x201c},
    {"le", 0x2264},
    {"lfloor", 0x230a},
    {"lowast", 0x2217},
    {"lowbar", '_'},
    {"loz", 0x25ca},
    {"lpar", '('},
    {"lrm", 0x200e},
    {"lsaquo", 0x2039},
    {"lsqb", '['},
    {"lsquo", 0x2018},
    {"lt", '<'},
    {"mdash", 0x2014},
    {"minus", 0x2212},
    {"mu", 0x3bc},
    {"nabla", 0x2207},
    {"ndash", 0x2013},
    {"ne", 0x2260},
    {"ni", 0x220b},
    {"notin", 0x2209},
    {"nsub", 0x2284},
    {"nu", 0x3bd},
    {"num", '#'},
    {"oelig", 0x153},
    {"oline", 0x203e},
    {"omega", 0x3c9},
    {"omicron", 0x3bf},
    {"oplus", 0x2295},
    {"or", 0x2228},
    {"otimes", 0x2297},
    {"part", 0x2202},
    {"percnt", '%'},
    {"period", '.'},
    {"permil", 0x2030},
    {"perp", 0x22a5},
    {"phi", 0x3c6},
    {"pi", 0x3c0},
    {"piv", 0x3d6},
    {"plus", '+'},
    {"prime", 0x2032},
    {"prod", 0x220f},
    {"prop", 0x221d},
    {"psi", 0x3c8},
    {"quest", '?'},
    {"quot", '"'},
    {"rArr", 0x21d2},
    {"radic", 0x221a},
    {"rang", 0x27e9},
    {"rarr", 0x2192},
    {"rbrace", '}'},
    {"rbrack", ']'},
    {"rceil", 0x2309},
    {"rdquo", 0x201d},
    {"real", 0x211c},
    {"rfloor", 0x230b},
    {"rho", 0x3c1},
    {"rlm", 0x200f},
    {"rpar", ')'},
    {"rsaquo", 0x203a},
    {"rsqb", ']'},
    {"rsquo", 0x2019},
    {"sbquo", 0x201a},
    {"scaron", 0x161},
    {"sdot", 0x22c5},
    {"semi", ';'},
    {"sigma", 0x3c3},
    {"sigmaf", 0x3c2},
    {"sim", 0x223c},
    {"sol", '/'},
    {"spades", 0x2660},
    {"star", 0x2606},
    {"sub", 0x2282},
    {"sube", 0x2286},
    {"sum", 0x2211},
    {"sup", 0x2283},
    {"supe", 0x2287},
    {"tau", 0x3c4},
    {"there4", 0x2234},
    {"theta", 0x3b8},
    {"thetasym", 0x3d1},
    {"thinsp", 0x2009},
    {"tilde", 0x2dc},
    {"trade", 0x2122},
    {"uArr", 0x21d1},
    {"uarr", 0x2191},
    {"upsih", 0x3d2},
    {"upsilon", 0x3c5},
    {"verbar", '|'},
    {"weierp", 0x2118},
    {"xi", 0x3be},
    {"zeta", 0x3b6},
    {"zwj", 0x200d},
    {"zwnj", 0x200c},
};

static_assert(std::ranges::is_sorted(others, {}, &Named::name));

constexpr Named without_semicolon[] = {
    {"AMP", '&'},  {"COPY", 0xa9}, {"GT", '>'}, {"LT", '<'},   {"QUOT", '"'},
    {"REG", 0xae}, {"amp", '&'},   {"gt", '>'}, {"quot", '"'}, {"lt", '<'},
};

constexpr std::size_t longest_name = 16;

bool is_alphanumeric(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

char32_t latin1_named(std::string_view name) {
  auto found = std::find(latin1.begin(), latin1.end(), name);
  return found == latin1.end() ? 0 : 0xa0 + static_cast<char32_t>(found - latin1.begin());
}

char32_t named(std::string_view name) {
  auto row = std::lower_bound(std::begin(others), std::end(others), name,
                              [](const Named &row, std::string_view n) { return row.name < n; });
  if (row != std::end(others) && row->name == name) return row->code_point;
  return latin1_named(name);
}

char32_t named_without_semicolon(std::string_view name) {
  for (const Named &row : without_semicolon)
    if (row.name == name) return row.code_point;
  return latin1_named(name);
}

// HTML Standard §13.2.5.80: numbers 0x80–0x9f are read as windows-1252.
constexpr std::array<char32_t, 32> windows1252 = {
    0x20ac, 0x81,   0x201a, 0x192,  0x201e, 0x2026, 0x2020, 0x2021, 0x2c6,  0x2030, 0x160,
    0x2039, 0x152,  0x8d,   0x17d,  0x8f,   0x90,   0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
    0x2013, 0x2014, 0x2dc,  0x2122, 0x161,  0x203a, 0x153,  0x9d,   0x17e,  0x178};

int digit_of(char c, bool hexadecimal) {
  if (c >= '0' && c <= '9') return c - '0';
  if (!hexadecimal) return -1;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/// `position`: behind "&#".  False when no digit follows.
bool append_number(std::string_view html, std::size_t &position, std::string &out) {
  std::size_t at = position;
  bool hexadecimal = at < html.size() && (html[at] == 'x' || html[at] == 'X');
  if (hexadecimal) at++;
  std::size_t first = at;
  char32_t c = 0;
  for (int digit; at < html.size() && (digit = digit_of(html[at], hexadecimal)) >= 0; at++)
    c = std::min<char32_t>(c * (hexadecimal ? 16 : 10) + static_cast<char32_t>(digit), 0x110000);
  if (at == first) return false;
  if (at < html.size() && html[at] == ';') at++;
  if (c == 0) c = 0xfffd;
  if (c >= 0x80 && c <= 0x9f) c = windows1252[c - 0x80];
  utf8_append(out, c);
  position = at;
  return true;
}

} // namespace

void append_character_reference(std::string_view html, std::size_t &position, bool in_attribute,
                                std::string &out) {
  if (position < html.size() && html[position] == '#') {
    std::size_t at = position + 1;
    if (append_number(html, at, out)) {
      position = at;
      return;
    }
    out += '&';
    return;
  }
  std::size_t length = 0;
  while (length < longest_name && position + length < html.size() &&
         is_alphanumeric(html[position + length]))
    length++;
  std::string_view name = html.substr(position, length);
  std::size_t end = position + length;
  bool semicolon = end < html.size() && html[end] == ';';
  if (semicolon) {
    if (char32_t c = named(name)) {
      utf8_append(out, c);
      position = end + 1;
      return;
    }
  }
  for (std::size_t shorter = std::min<std::size_t>(length, 6); shorter >= 2; shorter--) {
    char32_t c = named_without_semicolon(name.substr(0, shorter));
    if (!c) continue;
    char next = position + shorter < html.size() ? html[position + shorter] : ' ';
    if (in_attribute && (next == '=' || is_alphanumeric(next))) break;
    utf8_append(out, c);
    position += shorter;
    return;
  }
  out += '&';
}

} // namespace sekisho::text
