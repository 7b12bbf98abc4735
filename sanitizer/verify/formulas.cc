#include "sanitizer/verify/formulas.hh"

#include <algorithm>
#include <string>
#include <unordered_set>

namespace sekisho::verify {
namespace {

using Set = std::unordered_set<std::string_view>;

Set words(std::string_view list) {
  Set set;
  for (std::size_t at = 0; at < list.size();) {
    const std::size_t end = std::min(list.find(' ', at), list.size());
    set.insert(list.substr(at, end - at));
    at = end + 1;
  }
  return set;
}

const Set &functions() {
  static const Set known = words(
      "ABS ACCRINT ACCRINTM ACOS ACOSH ACOT ACOTH ADDRESS AGGREGATE AMORDEGRC AMORLINC "
      "ANCHORARRAY AND ARABIC AREAS ARRAYTOTEXT ASC ASIN ASINH ATAN ATAN2 ATANH AVEDEV AVERAGE "
      "AVERAGEA AVERAGEIF AVERAGEIFS B BAHTTEXT BASE BESSELI BESSELJ BESSELK BESSELY BETA.DIST "
      "BETA.INV BETADIST BETAINV BIN2DEC BIN2HEX BIN2OCT BINOM.DIST BINOM.DIST.RANGE BINOM.INV "
      "BINOMDIST BITAND BITLSHIFT BITOR BITRSHIFT BITXOR BYCOL BYROW CEILING CEILING.MATH "
      "CEILING.PRECISE CEILING.XCL CHAR CHIDIST CHIINV CHISQ.DIST CHISQ.DIST.RT CHISQ.INV "
      "CHISQ.INV.RT CHISQ.TEST CHISQDIST CHISQINV CHITEST CHOOSE CHOOSECOLS CHOOSEROWS CLEAN "
      "CODE COLOR COLUMN COLUMNS COMBIN COMBINA COMPLEX CONCAT CONCATENATE CONFIDENCE "
      "CONFIDENCE.NORM CONFIDENCE.T CONVERT CORREL COS COSH COT COTH COUNT COUNTA COUNTBLANK "
      "COUNTIF COUNTIFS COUPDAYBS COUPDAYS COUPDAYSNC COUPNCD COUPNUM COUPPCD COVAR "
      "COVARIANCE.P COVARIANCE.S CRITBINOM CSC CSCH CUMIPMT CUMPRINC CURRENT DATE DATEDIF "
      "DATESTRING DATEVALUE DAVERAGE DAY DAYS DAYS360 DAYSINMONTH DAYSINYEAR DB DBCS DCOUNT "
      "DCOUNTA DDB DEC2BIN DEC2HEX DEC2OCT DECIMAL DEGREES DELTA DEVSQ DGET DISC DMAX DMIN "
      "DOLLAR DOLLARDE DOLLARFR DPRODUCT DROP DSTDEV DSTDEVP DSUM DURATION DVAR DVARP "
      "EASTERSUNDAY ECMA.CEILING EDATE EFFECT ENCODEURL EOMONTH ERF ERF.PRECISE ERFC "
      "ERFC.PRECISE ERROR.TYPE ERRORTYPE EVEN EXACT EXP EXPAND EXPON.DIST EXPONDIST F.DIST "
      "F.DIST.RT F.INV F.INV.RT F.TEST FACT FACTDOUBLE FALSE FDIST FILTER FIND FINDB FINV "
      "FISHER FISHERINV FIXED FLOOR FLOOR.MATH FLOOR.PRECISE FLOOR.XCL FORECAST FORECAST.ETS "
      "FORECAST.ETS.ADD FORECAST.ETS.CONFINT FORECAST.ETS.MULT FORECAST.ETS.PI.ADD "
      "FORECAST.ETS.PI.MULT FORECAST.ETS.SEASONALITY FORECAST.ETS.STAT FORECAST.ETS.STAT.ADD "
      "FORECAST.ETS.STAT.MULT FORECAST.LINEAR FORMULATEXT FREQUENCY FTEST FV FVSCHEDULE GAMMA "
      "GAMMA.DIST GAMMA.INV GAMMADIST GAMMAINV GAMMALN GAMMALN.PRECISE GAUSS GCD GEOMEAN "
      "GESTEP GROWTH HARMEAN HEX2BIN HEX2DEC HEX2OCT HLOOKUP HOUR HSTACK HYPGEOM.DIST "
      "HYPGEOMDIST IF IFERROR IFNA IFS IMABS IMAGINARY IMARGUMENT IMCONJUGATE IMCOS IMCOSH "
      "IMCOT IMCSC IMCSCH IMDIV IMEXP IMLN IMLOG10 IMLOG2 IMPOWER IMPRODUCT IMREAL IMSEC "
      "IMSECH IMSIN IMSINH IMSQRT IMSUB IMSUM IMTAN INDEX INT INTERCEPT INTRATE IPMT IRR "
      "ISBLANK ISERR ISERROR ISEVEN ISFORMULA ISLEAPYEAR ISLOGICAL ISNA ISNONTEXT ISNUMBER "
      "ISO.CEILING ISODD ISOMITTED ISOWEEKNUM ISPMT ISREF ISTEXT JIS KURT LAMBDA LARGE LCM "
      "LEFT LEFTB LEN LENB LET LINEST LN LOG LOG10 LOGEST LOGINV LOGNORM.DIST LOGNORM.INV "
      "LOGNORMDIST LOOKUP LOWER MAKEARRAY MAP MATCH MAX MAXA MAXIFS MDETERM MDURATION MEDIAN "
      "MID MIDB MIN MINA MINIFS MINUTE MINVERSE MIRR MMULT MOD MODE MODE.MULT MODE.SNGL MONTH "
      "MONTHS MROUND MULTINOMIAL MULTIPLE.OPERATIONS MUNIT N NA NEGBINOM.DIST NEGBINOMDIST "
      "NETWORKDAYS NETWORKDAYS.INTL NOMINAL NORM.DIST NORM.INV NORM.S.DIST NORM.S.INV NORMDIST "
      "NORMINV NORMSDIST NORMSINV NOT NOW NPER NPV NUMBERSTRING NUMBERVALUE OCT2BIN OCT2DEC "
      "OCT2HEX ODD ODDFPRICE ODDFYIELD ODDLPRICE ODDLYIELD OFFSET OR PDURATION PEARSON "
      "PERCENTILE PERCENTILE.EXC PERCENTILE.INC PERCENTRANK PERCENTRANK.EXC PERCENTRANK.INC "
      "PERMUT PERMUTATIONA PHI PHONETIC PI PMT POISSON POISSON.DIST POWER PPMT PRICE PRICEDISC "
      "PRICEMAT PROB PRODUCT PROPER PV QUARTILE QUARTILE.EXC QUARTILE.INC QUOTIENT RADIANS "
      "RAND RANDARRAY RANDBETWEEN RANK RANK.AVG RANK.EQ RATE RAWSUBTRACT RECEIVED REDUCE REGEX "
      "REPLACE REPLACEB REPT RIGHT RIGHTB ROMAN ROT13 ROUND ROUNDDOWN ROUNDSIG ROUNDUP ROW "
      "ROWS RRI RSQ SCAN SEARCH SEARCHB SEC SECH SECOND SEQUENCE SERIESSUM SHEET SHEETS SIGN "
      "SIN SINGLE SINH SKEW SKEW.P SLN SLOPE SMALL SORT SORTBY SQRT SQRTPI STANDARDIZE STDEV "
      "STDEV.P STDEV.S STDEVA STDEVP STDEVPA STEYX STYLE SUBSTITUTE SUBTOTAL SUM SUMIF SUMIFS "
      "SUMPRODUCT SUMSQ SUMX2MY2 SUMX2PY2 SUMXMY2 SWITCH SYD T T.DIST T.DIST.2T T.DIST.RT "
      "T.INV T.INV.2T T.TEST TAKE TAN TANH TBILLEQ TBILLPRICE TBILLYIELD TDIST TEXT TEXTAFTER "
      "TEXTBEFORE TEXTJOIN TEXTSPLIT TIME TIMEVALUE TINV TOCOL TODAY TOROW TRANSPOSE TREND "
      "TRIM TRIMMEAN TRUE TRUNC TTEST TYPE UNICHAR UNICODE UNIQUE UPPER USDOLLAR VALUE "
      "VALUETOTEXT VAR VAR.P VAR.S VARA VARP VARPA VDB VLOOKUP VSTACK WEEKDAY WEEKNUM "
      "WEEKNUM_EXCEL2003 WEEKNUM_OOO WEEKS WEEKSINYEAR WEIBULL WEIBULL.DIST WORKDAY "
      "WORKDAY.INTL WRAPCOLS WRAPROWS XIRR XLOOKUP XMATCH XNPV XOR YEAR YEARFRAC YEARS YEN "
      "YIELD YIELDDISC YIELDMAT Z.TEST ZTEST");
  return known;
}

const Set &conditions() {
  static const Set known = words(
      "cell-content cell-content-text cell-content-text-length cell-content-is-between "
      "cell-content-is-not-between cell-content-is-in-list cell-content-text-length-is-between "
      "cell-content-text-length-is-not-between cell-content-is-whole-number "
      "cell-content-is-decimal-number cell-content-is-date cell-content-is-time "
      "cell-content-is-text is-true-formula value formula-is between not-between top-elements "
      "bottom-elements top-percent bottom-percent begins-with ends-with contains-text "
      "not-contains-text");
  return known;
}

/// Without arguments either: LAMBDA's helpers are given functions by name.
const Set &never() {
  static const Set known =
      words("DDE RTD WEBSERVICE HYPERLINK IMAGE CALL REGISTER REGISTER.ID EXEC EVALUATE INDIRECT "
            "FILTERXML STOCKHISTORY SQL.REQUEST CUBEVALUE CUBEMEMBER CUBESET");
  return known;
}

/// No value that a cell's formula has: functions that are not listed, an add-in's, of macro sheets.
bool is_value_of_function(const std::string &name) {
  static const Set known =
      words("CELL INFO PY COPILOT TRANSLATE DETECTLANGUAGE GETPIVOTDATA FIELDVALUE EUROCONVERT IMPORTTEXT IMPORTCSV "
            "GROUPBY PIVOTBY PERCENTOF TRIMRANGE REGEXTEST REGEXEXTRACT REGEXREPLACE FOPEN FWRITE FWRITELN FREAD "
            "FREADLN FCLOSE INITIATE POKE SEND.KEYS APP.ACTIVATE");
  for (const std::string_view start : {"CUBE", "GET.", "REGISTER.", "_XLL", "_XLDUDF"})
    if (name.starts_with(start)) return true;
  return known.contains(name) || never().contains(name);
}

bool is_one_of(char c, std::string_view octets) {
  return octets.find(c) != std::string_view::npos;
}
bool has_one_of(std::string_view text, std::string_view octets) {
  return text.find_first_of(octets) != std::string_view::npos;
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         is_one_of(c, "_.\\?") || static_cast<unsigned char>(c) >= 0x80;
}

std::string upper_case(std::string_view word) {
  std::string upper(word);
  for (char &c : upper)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return upper;
}

/// In upper case and without prefixes.
std::string plain_name(std::string_view word) {
  const std::string all = upper_case(word);
  std::string_view name = all;
  for (bool more = true; more;) {
    more = false;
    for (const std::string_view prefix : {"_XLETA.", "_XLFN.", "_XLWS.", "COM.MICROSOFT.", "ORG.OPENOFFICE.",
                                          "ORG.LIBREOFFICE.", "LEGACY."})
      if (name.starts_with(prefix)) name.remove_prefix(prefix.size()), more = true;
  }
  return std::string(name);
}

/// Octets of what is quoted at the start, where the quote is doubled inside; 0: it is not closed.
std::size_t quoted_size(std::string_view text) {
  for (std::size_t at = 1; at < text.size(); ++at) {
    if (text[at] != text[0]) continue;
    if (at + 1 == text.size() || text[at + 1] != text[0]) return at + 1;
    ++at;
  }
  return 0;
}

std::size_t error_size(std::string_view text) {
  for (const std::string_view error :
       {"#REF!", "#N/A", "#NAME?", "#VALUE!", "#DIV/0!", "#NUM!", "#NULL!", "#GETTING_DATA",
        "#SPILL!", "#CALC!", "#FIELD!", "#BLOCKED!", "#CONNECT!", "#BUSY!", "#UNKNOWN!"})
    if (text.starts_with(error)) return error.size();
  return 0;
}

/// "#REF!" at `at` in place of a sheet ("[#REF!.A1"), or of a column or row ("[.#REF!1]"): what is
/// before it is no file's name.
bool is_lost_reference(std::string_view text, std::size_t at) {
  if (!text.substr(at).starts_with("#REF!")) return false;
  std::string_view before = text.substr(0, at);
  if (before.ends_with('$')) before.remove_suffix(1);
  if (before.empty() || is_one_of(before.back(), "[: ")) return true;
  std::string_view behind = text.substr(at, 24); // no longer one
  behind = behind.substr(0, behind.find_first_of("]: "));
  if (behind.size() == 24) return false;
  while (!behind.empty()) {
    const bool number = behind[0] == '$' || (behind[0] >= '0' && behind[0] <= '9');
    if (!number && !behind.starts_with("#REF!")) return false;
    behind.remove_prefix(number ? 1 : 5);
  }
  return true;
}

class Formula {
public:
  Formula(std::string_view text, bool open, bool condition = false)
      : text_(text), open_(open), condition_(condition) {}

  bool is_calm() {
    while (at_ < text_.size())
      if (!step()) return false;
    return true;
  }

private:
  std::string_view rest() const { return text_.substr(at_); }

  bool step() {
    const char c = text_[at_];
    if (is_letter(c)) return word();
    switch (c) {
    case '"': return begins_here() && skip(quoted_size(rest()));
    case '\'': return begins_here() && (open_ ? label() : sheet_name());
    case '[': return open_ ? reference() : columns();
    case ']': return false;
    case '#': return (at_ == 0 || !is_letter(text_[at_ - 1])) && skip(error_size(rest()));
    case '|':
      if (!open_ || braces_ == 0) return false;
      break;
    case '{': ++braces_; break;
    case '}': braces_ -= braces_ > 0; break;
    case '/':
      if (rest().starts_with("//")) return false;
      break;
    default: break;
    }
    ++at_;
    return true;
  }

  bool skip(std::size_t size) {
    at_ += size;
    return size > 0;
  }

  /// A text or quoted name; elsewhere programs disagree about what a quote does.
  bool begins_here() const {
    return at_ == 0 || is_one_of(text_[at_ - 1], " \t\n\r=(,;+-*/^&<>:~{|");
  }

  bool word() {
    const std::size_t start = at_;
    while (at_ < text_.size() && (is_letter(text_[at_]) || is_hyphen(at_)))
      ++at_;
    const std::string_view word = text_.substr(start, at_ - start);
    const bool sheet = !open_ && rest().starts_with('!');
    if (!open_ && word.find(sheet ? "\\" : "\\\\") != std::string_view::npos) return false;
    const std::size_t next = text_.find_first_not_of(" \t\n\r", at_);
    const bool called = next != std::string_view::npos && text_[next] == '(';
    const std::string name = plain_name(word);
    if (called) return functions().contains(name) || (condition_ && conditions().contains(word));
    const std::string upper = upper_case(word);
    for (const std::string_view prefix : {"_XLETA.", "_XLFN.", "_XLUDF.", "_XLWS."})
      if (upper.starts_with(prefix)) return functions().contains(name);
    return sheet || (!open_ && rest().starts_with('[')) || !is_value_of_function(name);
  }
  /// Of "cell-content", a word of conditions.
  bool is_hyphen(std::size_t at) const {
    return condition_ && at > 0 && text_[at] == '-' && text_[at - 1] >= 'a' && text_[at - 1] <= 'z';
  }

  /// "'My sheet'!" of a workbook, "'first:last'!"; no file's path.
  bool sheet_name() {
    const std::size_t size = quoted_size(rest());
    if (size == 0 || !rest().substr(size).starts_with('!')) return false;
    const std::string_view name = rest().substr(1, size - 2);
    const std::size_t colon = name.find(':');
    if (colon != std::string_view::npos && (colon == 1 || has_one_of(name, "."))) return false;
    return !has_one_of(name, "[]|/\\?*") && skip(size);
  }

  /// "Table[[#This Row],[a]]": the columns.
  bool columns() {
    if (at_ == 0 || !is_letter(text_[at_ - 1])) return false;
    const std::size_t start = at_;
    unsigned depth = 0;
    do {
      const char c = text_[at_];
      if (c == '\'')
        ++at_; // quotes the next character
      else if (c == '[')
        ++depth;
      else if (c == ']')
        --depth;
      ++at_;
    } while (depth > 0 && at_ < text_.size());
    if (depth > 0 || at_ > text_.size()) return false;
    if (at_ < text_.size() && (is_letter(text_[at_]) || is_one_of(text_[at_], "!'\"[")))
      return false;
    const std::string_view inside = text_.substr(start, at_ - start);
    if (has_one_of(inside, "\"") || (has_one_of(inside, "'") && has_one_of(inside, "(|!")))
      return false;
    for (std::size_t i = inside.find('('); i != std::string_view::npos;
         i = inside.find('(', i + 1)) {
      std::string_view before = inside.substr(0, i);
      while (!before.empty() && is_one_of(before.back(), " \t\n\r"))
        before.remove_suffix(1);
      std::size_t first = before.size();
      while (first > 0 && is_letter(before[first - 1]))
        --first;
      if (never().contains(plain_name(before.substr(first)))) return false;
    }
    return true;
  }

  /// A label in a table of ODF: no formula fits into it.
  bool label() {
    const std::size_t size = quoted_size(rest());
    if (size == 0 || has_one_of(rest().substr(1, size - 2), "([{|#\"")) return false;
    const std::string_view behind = rest().substr(size);
    return (behind.empty() || is_one_of(behind[0], " \t\n\r)=,;+-*/^&<>:~}")) && skip(size);
  }

  /// "[$'S'.A1:.B2]" of ODF.
  bool reference() {
    const std::size_t start = at_;
    for (++at_; at_ < text_.size();) {
      const char c = text_[at_];
      if (c == ']') return skip(1);
      if (is_one_of(c, "|/\\\"[")) return false;
      if (c == '\'') {
        if (!quoted_in_reference(text_.substr(start, at_ - start))) return false;
        continue;
      }
      if (c == '#' && !is_lost_reference(text_, at_)) return false;
      at_ += c == '#' ? 5 : 1;
    }
    return false;
  }
  bool quoted_in_reference(std::string_view before) {
    bool begins = false;
    for (const std::string_view start : {"[", ":", "[$", ":$", "[$$", ".$$"})
      begins = begins || before.ends_with(start);
    const std::size_t size = quoted_size(rest());
    if (!begins || size == 0 || has_one_of(rest().substr(1, size - 2), "[]*?:/\\|")) return false;
    const std::string_view behind = rest().substr(size);
    return !behind.empty() && is_one_of(behind[0], ".]:") && skip(size);
  }

  std::string_view text_;
  bool open_, condition_;
  std::size_t at_ = 0;
  unsigned braces_ = 0;
};

bool is_hex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/// "AB12" at the end, behind the name of a sheet or none; '$' anywhere.
bool is_cell(std::string text) {
  std::erase(text, '$');
  text.erase(0, text.rfind('.') + 1);
  const std::size_t letters = text.find_first_of("0123456789");
  return letters != std::string::npos && letters >= 1 && letters <= 3 && text.size() - letters <= 7 &&
         text.find_first_not_of("0123456789", letters) == std::string::npos &&
         std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(letters),
                     [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); });
}

/// RFC 3986 §3.1, or a digit in front; cells from one to another are none.
bool has_scheme(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == text.npos || colon == 0) return false;
  for (const char c : text.substr(0, colon))
    if (!is_hex(c) && !(c >= 'g' && c <= 'z') && !(c >= 'G' && c <= 'Z') && !is_one_of(c, "+-.")) return false;
  return !is_cell(std::string(text.substr(0, colon))) || !is_cell(std::string(text.substr(colon + 1)));
}

} // namespace

bool has_numbered_character(std::string_view text) {
  const std::string_view digits = "0123456789abcdefABCDEF";
  for (std::size_t at = 0; at + 7 <= text.size(); ++at) {
    const std::string_view piece = text.substr(at, 7);
    if (piece[0] == '_' && (piece[1] | 0x20) == 'x' && piece[6] == '_' &&
        piece.substr(2, 4).find_first_not_of(digits) == std::string_view::npos)
      return true;
  }
  return false;
}

bool is_calm_formula(std::string_view text) {
  constexpr std::size_t most = 8192; // characters, ECMA-376's readers
  return text.size() <= 4 * most && !has_numbered_character(text) && Formula(text, false).is_calm();
}

bool is_calm_open_formula(std::string_view text, bool condition) {
  return Formula(text, true, condition).is_calm();
}

bool is_calm_address(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    if (is_one_of(text[at], "|/\\\"")) return false;
    if (text[at] == '#' && !is_lost_reference(text, at)) return false;
    std::size_t size = text[at] == '#' ? 5 : 1;
    if (text[at] == '\'') {
      size = quoted_size(text.substr(at));
      if (size == 0 || text.substr(at + size).starts_with('#')) return false;
    }
    at += size;
  }
  return true;
}

bool leads_inside(std::string_view place) {
  std::string text(place);
  for (unsigned round = 0;; ++round) {
    const std::size_t start = std::min(text.find_first_not_of("# \t\n\r"), text.size());
    const std::string said = text.substr(start);
    for (const char c : said)
      if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f || c == '\\') return false;
    if (said.find("://") != std::string::npos || said.starts_with('/') || has_scheme(said)) return false;
    std::string decoded;
    for (std::size_t at = 0; at < text.size(); ++at) {
      const std::string_view pair = std::string_view(text).substr(at + 1, 2);
      const bool coded = text[at] == '%' && pair.size() == 2 && is_hex(pair[0]) && is_hex(pair[1]);
      decoded += coded ? static_cast<char>(std::stoi(std::string(pair), nullptr, 16)) : text[at];
      at += coded ? 2 : 0;
    }
    if (decoded == text) return true;
    if (round == 2) return false;
    text = std::move(decoded);
  }
}

} // namespace sekisho::verify
