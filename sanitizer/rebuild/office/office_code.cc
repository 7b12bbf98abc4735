#include "sanitizer/rebuild/office/office_code.hh"

#include <algorithm>
#include <optional>
#include <unordered_set>
#include <vector>

namespace sekisho::rebuild {
namespace {

using Words = std::unordered_set<std::string_view>;

Words words(std::string_view list) {
  Words words;
  while (!list.empty()) {
    const std::size_t end = std::min(list.find(' '), list.size());
    if (end > 0) words.insert(list.substr(0, end));
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return words;
}

// Not among them: WEBSERVICE, HYPERLINK, CALL, REGISTER, REGISTER.ID, RTD, DDE, EXEC, EVALUATE,
// FILTERXML, IMAGE, STOCKHISTORY, CUBE*, SQL.REQUEST, INFO, CELL, INDIRECT (whose address may be
// computed), GET.*, and what add-ins bring.
const Words &functions() {
  static const Words known = words(
      "ABS ACCRINT ACCRINTM ACOS ACOSH ACOT ACOTH ADDRESS AGGREGATE AMORDEGRC AMORLINC AND ARABIC "
      "AREAS "
      "ARRAYTOTEXT ASC ASIN ASINH ATAN ATAN2 ATANH AVEDEV AVERAGE AVERAGEA AVERAGEIF AVERAGEIFS "
      "BAHTTEXT "
      "BASE BESSELI BESSELJ BESSELK BESSELY BETA.DIST BETA.INV BETADIST BETAINV BIN2DEC BIN2HEX "
      "BIN2OCT "
      "BINOM.DIST BINOM.DIST.RANGE BINOM.INV BINOMDIST BITAND BITLSHIFT BITOR BITRSHIFT BITXOR "
      "BYCOL "
      "BYROW CEILING CEILING.MATH CEILING.PRECISE CHAR CHIDIST CHIINV CHISQ.DIST CHISQ.DIST.RT "
      "CHISQ.INV "
      "CHISQ.INV.RT CHISQ.TEST CHITEST CHOOSE CHOOSECOLS CHOOSEROWS CLEAN CODE COLUMN COLUMNS "
      "COMBIN "
      "COMBINA COMPLEX CONCAT CONCATENATE CONFIDENCE CONFIDENCE.NORM CONFIDENCE.T CONVERT CORREL "
      "COS COSH "
      "COT COTH COUNT COUNTA COUNTBLANK COUNTIF COUNTIFS COUPDAYBS COUPDAYS COUPDAYSNC COUPNCD "
      "COUPNUM "
      "COUPPCD COVAR COVARIANCE.P COVARIANCE.S CRITBINOM CSC CSCH CUMIPMT CUMPRINC DATE DATEDIF "
      "DATESTRING "
      "DATEVALUE DAVERAGE DAY DAYS DAYS360 DB DBCS DCOUNT DCOUNTA DDB DEC2BIN DEC2HEX DEC2OCT "
      "DECIMAL "
      "DEGREES DELTA DEVSQ DGET DISC DMAX DMIN DOLLAR DOLLARDE DOLLARFR DPRODUCT DROP DSTDEV "
      "DSTDEVP DSUM "
      "DURATION DVAR DVARP ECMA.CEILING EDATE EFFECT ENCODEURL EOMONTH ERF ERF.PRECISE ERFC "
      "ERFC.PRECISE "
      "ERROR.TYPE EVEN EXACT EXP EXPAND EXPON.DIST EXPONDIST F.DIST F.DIST.RT F.INV F.INV.RT "
      "F.TEST FACT "
      "FACTDOUBLE FALSE FDIST FILTER FIND FINDB FINV FISHER FISHERINV FIXED FLOOR FLOOR.MATH "
      "FLOOR.PRECISE "
      "FORECAST FORECAST.ETS FORECAST.ETS.CONFINT FORECAST.ETS.SEASONALITY FORECAST.ETS.STAT "
      "FORECAST.LINEAR FORMULATEXT FREQUENCY FTEST FV FVSCHEDULE GAMMA GAMMA.DIST GAMMA.INV "
      "GAMMADIST "
      "GAMMAINV GAMMALN GAMMALN.PRECISE GAUSS GCD GEOMEAN GESTEP GROWTH HARMEAN HEX2BIN HEX2DEC "
      "HEX2OCT "
      "HLOOKUP HOUR HSTACK HYPGEOM.DIST HYPGEOMDIST IF IFERROR IFNA IFS IMABS IMAGINARY IMARGUMENT "
      "IMCONJUGATE IMCOS IMCOSH IMCOT IMCSC IMCSCH IMDIV IMEXP IMLN IMLOG10 IMLOG2 IMPOWER "
      "IMPRODUCT IMREAL "
      "IMSEC IMSECH IMSIN IMSINH IMSQRT IMSUB IMSUM IMTAN INDEX INT INTERCEPT INTRATE "
      "IPMT IRR "
      "ISBLANK ISERR ISERROR ISEVEN ISFORMULA ISLOGICAL ISNA ISNONTEXT ISNUMBER ISO.CEILING ISODD "
      "ISOMITTED "
      "ISOWEEKNUM ISPMT ISREF ISTEXT JIS KURT LAMBDA LARGE LCM LEFT LEFTB LEN LENB LET LINEST LN "
      "LOG LOG10 "
      "LOGEST LOGINV LOGNORM.DIST LOGNORM.INV LOGNORMDIST LOOKUP LOWER MAKEARRAY MAP MATCH MAX "
      "MAXA MAXIFS "
      "MDETERM MDURATION MEDIAN MID MIDB MIN MINA MINIFS MINUTE MINVERSE MIRR MMULT MOD MODE "
      "MODE.MULT "
      "MODE.SNGL MONTH MROUND MULTINOMIAL MUNIT N NA NEGBINOM.DIST NEGBINOMDIST NETWORKDAYS "
      "NETWORKDAYS.INTL NOMINAL NORM.DIST NORM.INV NORM.S.DIST NORM.S.INV NORMDIST NORMINV "
      "NORMSDIST "
      "NORMSINV NOT NOW NPER NPV NUMBERSTRING NUMBERVALUE OCT2BIN OCT2DEC OCT2HEX ODD ODDFPRICE "
      "ODDFYIELD "
      "ODDLPRICE ODDLYIELD OFFSET OR PDURATION PEARSON PERCENTILE PERCENTILE.EXC PERCENTILE.INC "
      "PERCENTRANK "
      "PERCENTRANK.EXC PERCENTRANK.INC PERMUT PERMUTATIONA PHI PHONETIC PI PMT POISSON "
      "POISSON.DIST POWER "
      "PPMT PRICE PRICEDISC PRICEMAT PROB PRODUCT PROPER PV QUARTILE QUARTILE.EXC QUARTILE.INC "
      "QUOTIENT "
      "RADIANS RAND RANDARRAY RANDBETWEEN RANK RANK.AVG RANK.EQ RATE RECEIVED REDUCE REPLACE "
      "REPLACEB REPT "
      "RIGHT RIGHTB ROMAN ROUND ROUNDDOWN ROUNDUP ROW ROWS RRI RSQ SCAN SEARCH SEARCHB SEC SECH "
      "SECOND "
      "SEQUENCE SERIESSUM SHEET SHEETS SIGN SIN SINGLE SINH SKEW SKEW.P SLN SLOPE SMALL SORT "
      "SORTBY SQRT "
      "SQRTPI STANDARDIZE STDEV STDEV.P STDEV.S STDEVA STDEVP STDEVPA STEYX SUBSTITUTE SUBTOTAL "
      "SUM SUMIF "
      "SUMIFS SUMPRODUCT SUMSQ SUMX2MY2 SUMX2PY2 SUMXMY2 SWITCH SYD T T.DIST T.DIST.2T T.DIST.RT "
      "T.INV "
      "T.INV.2T T.TEST TAKE TAN TANH TBILLEQ TBILLPRICE TBILLYIELD TDIST TEXT TEXTAFTER TEXTBEFORE "
      "TEXTJOIN "
      "TEXTSPLIT TIME TIMEVALUE TINV TOCOL TODAY TOROW TRANSPOSE TREND TRIM TRIMMEAN TRUE TRUNC "
      "TTEST TYPE "
      "UNICHAR UNICODE UNIQUE UPPER USDOLLAR VALUE VALUETOTEXT VAR VAR.P VAR.S VARA VARP VARPA VDB "
      "VLOOKUP "
      "VSTACK WEEKDAY WEEKNUM WEIBULL WEIBULL.DIST WORKDAY WORKDAY.INTL WRAPCOLS WRAPROWS XIRR "
      "XLOOKUP "
      "XMATCH XNPV XOR YEAR YEARFRAC YEN YIELD YIELDDISC YIELDMAT Z.TEST ZTEST ANCHORARRAY");
  return known;
}

constexpr std::size_t longest_formula = 4 * 8192; // octets; Excel takes 8192 characters

constexpr bool is_word(char c) {
  return static_cast<unsigned char>(c) >= 0x80 || (c >= 'a' && c <= 'z') ||
         (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '\\' ||
         c == '?';
}

constexpr bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

std::size_t behind_blanks(std::string_view text, std::size_t at) {
  while (at < text.size() && is_blank(text[at]))
    ++at;
  return at;
}

bool has_any(std::string_view text, std::string_view octets) {
  return text.find_first_of(octets) != std::string_view::npos;
}

/// Where a text or a quoted name may begin: elsewhere programs disagree about what a quote does.
bool may_open(std::string_view text, std::size_t at) {
  return at == 0 || is_blank(text[at - 1]) || has_any(text.substr(at - 1, 1), "=(,;+-*/^&<>:~{|");
}

/// Behind a text or a quoted sheet name; the quote is doubled inside.
std::size_t behind_quoted(std::string_view text, std::size_t at) {
  const char quote = text[at++];
  for (; at < text.size(); ++at)
    if (text[at] == quote) {
      if (at + 1 == text.size() || text[at + 1] != quote) return at + 1;
      ++at;
    }
  return std::string_view::npos;
}

std::size_t behind_brackets(std::string_view text, std::size_t at) {
  for (unsigned depth = 0; at < text.size(); ++at) {
    if (text[at] == '\'')
      ++at; // quotes the next character
    else if (text[at] == '[')
      ++depth;
    else if (text[at] == ']' && --depth == 0)
      return at + 1;
  }
  return std::string_view::npos;
}

/// Behind the quoted sheet name at `at`; npos where it may lead to another file.
std::size_t behind_sheet_name(std::string_view formula, std::size_t at) {
  if (!may_open(formula, at)) return std::string_view::npos;
  const std::size_t end = behind_quoted(formula, at);
  if (end == std::string_view::npos || end == formula.size() || formula[end] != '!')
    return std::string_view::npos;
  const std::string_view name = formula.substr(at + 1, end - at - 2);
  const std::size_t colon = name.find(':'); // "first:last", but also "C:book.xlsx"
  const bool drive = colon != std::string_view::npos && (colon == 1 || has_any(name, "."));
  return drive || has_any(name, "[]|/\\?*") ? std::string_view::npos : end;
}

// Never without arguments either: others name functions for LAMBDA's helpers.
Reason judge_bare(std::string_view name) {
  static const Words links = words("WEBSERVICE HYPERLINK IMAGE FILTERXML INDIRECT STOCKHISTORY SQL.REQUEST"),
                     runs = words("CALL REGISTER REGISTER.ID EXEC EVALUATE");
  if (name == "DDE" || name == "RTD") return Reason::office_dde;
  if (links.contains(name) || name.starts_with("CUBE")) return Reason::office_external;
  return runs.contains(name) ? Reason::office_macro : Reason::none;
}

/// Without the words that programs put before the names of functions.
std::string plain_function(std::string_view name) {
  for (bool more = true; more;) {
    more = false;
    for (const std::string_view prefix : {"_XLETA.", "_XLFN.", "_XLWS.", "COM.MICROSOFT.", "ORG.OPENOFFICE.",
                                          "ORG.LIBREOFFICE.", "LEGACY."})
      if (name.starts_with(prefix)) name.remove_prefix(prefix.size()), more = true;
  }
  return std::string(name);
}

/// Of functions that are not listed; what is no known function's name is a name of the workbook's.
Reason judge_unlisted(std::string_view name) {
  static const Words unlisted =
      words("CELL INFO PY COPILOT TRANSLATE DETECTLANGUAGE GETPIVOTDATA FIELDVALUE EUROCONVERT IMPORTTEXT IMPORTCSV "
            "GROUPBY PIVOTBY PERCENTOF TRIMRANGE REGEXTEST REGEXEXTRACT REGEXREPLACE FOPEN FWRITE FWRITELN FREAD "
            "FREADLN FCLOSE INITIATE POKE SEND.KEYS APP.ACTIVATE");
  if (const Reason reason = judge_bare(name); reason != Reason::none) return reason;
  if (name.starts_with("REGISTER.") || name.starts_with("GET.")) return Reason::office_macro;
  const bool of_addin = name.starts_with("_XLL") || name.starts_with("_XLDUDF");
  return of_addin || unlisted.contains(name) ? Reason::office_formula_to_value : Reason::none;
}

Reason judge_function(std::string_view prefixed) {
  const std::string name = plain_function(prefixed);
  if (functions().contains(name)) return Reason::none;
  if (name == "INDIRECT") return Reason::office_formula_to_value; // inside, as a rule
  const Reason reason = judge_unlisted(name);
  return reason != Reason::none ? reason : Reason::office_formula_to_value; // an add-in's, or another that is not listed
}

/// What only functions begin with.
bool is_marked_function(std::string_view word) {
  return std::ranges::any_of(std::initializer_list<std::string_view>{"_XLETA.", "_XLFN.", "_XLUDF.", "_XLWS."},
                             [&](std::string_view prefix) { return word.starts_with(prefix); });
}

/// A function as a value is judged as a call of it is.
Reason judge_value(std::string_view word) {
  return is_marked_function(word) ? judge_function(word) : judge_unlisted(plain_function(word));
}

/// A word that ends at `end` and may be a function's.
Reason judge_word(std::string_view formula, std::size_t end, const std::string &word) {
  const std::size_t next = behind_blanks(formula, end);
  if (next < formula.size() && formula[next] == '(') return judge_function(word);
  const bool names_cells = end < formula.size() && has_any(formula.substr(end, 1), "![");
  return names_cells && !is_marked_function(word) ? Reason::none : judge_value(word);
}

/// Behind the columns of a table that open at `at`; npos where a call may hide in them.
std::size_t behind_columns(std::string_view formula, std::size_t at) {
  const std::size_t end = behind_brackets(formula, at);
  if (end == std::string_view::npos) return end;
  if (end < formula.size() && (is_word(formula[end]) || has_any(formula.substr(end, 1), "!'\"[")))
    return std::string_view::npos;
  const std::string_view columns = formula.substr(at, end - at);
  if (has_any(columns, "\"") || (has_any(columns, "'") && has_any(columns, "(|!")))
    return std::string_view::npos;
  for (std::size_t i = 0; i < columns.size();) {
    const std::size_t start = i;
    while (i < columns.size() && is_word(columns[i]))
      ++i;
    const std::size_t next = behind_blanks(columns, i);
    if (i > start && next < columns.size() && columns[next] == '(' &&
        judge_bare(plain_function(upper(columns.substr(start, i - start)))) != Reason::none)
      return std::string_view::npos;
    i = std::max(i, start + 1);
  }
  return end;
}

// What OpenFormula has beside them, or calls by another name (part 4, chapter 6).
const Words &open_functions() {
  static const Words known = words(
      "B CHISQDIST CHISQINV COLOR CURRENT DAYSINMONTH DAYSINYEAR EASTERSUNDAY ERRORTYPE "
      "ISLEAPYEAR MONTHS MULTIPLE.OPERATIONS RAWSUBTRACT REGEX ROT13 ROUNDSIG STYLE WEEKNUM_OOO "
      "WEEKNUM_EXCEL2003 WEEKS WEEKSINYEAR YEARS CEILING.XCL FLOOR.XCL SUMX2PY2 FORECAST.ETS.ADD "
      "FORECAST.ETS.MULT FORECAST.ETS.PI.ADD FORECAST.ETS.PI.MULT FORECAST.ETS.STAT.ADD "
      "FORECAST.ETS.STAT.MULT");
  return known;
}

const Words &condition_words() {
  static const Words known = words(
      "cell-content cell-content-text cell-content-text-length cell-content-is-between "
      "cell-content-is-not-between cell-content-is-in-list cell-content-text-length-is-between "
      "cell-content-text-length-is-not-between cell-content-is-whole-number "
      "cell-content-is-decimal-number cell-content-is-date cell-content-is-time "
      "cell-content-is-text is-true-formula value formula-is between not-between top-elements "
      "bottom-elements top-percent bottom-percent begins-with ends-with contains-text "
      "not-contains-text");
  return known;
}

Reason judge_open_word(const std::string &word, bool called) {
  if (!called) return judge_value(word);
  return open_functions().contains(plain_function(word)) ? Reason::none : judge_function(word);
}

/// Whether a name may begin at `at` in the reference that opens at `open`: "['S'.A1", "[.A1:$'S'.",
/// "[S.$$'name'".
bool may_open_in_reference(std::string_view formula, std::size_t open, std::size_t at) {
  const std::string_view before = formula.substr(open, at - open);
  for (const std::string_view start : {"[", ":", "[$", ":$", "[$$", ".$$"})
    if (before.ends_with(start)) return true;
  return false;
}

/// Of "#REF!" at `at`: stands for a sheet, or for column and row; never "file#REF!.A1".
bool is_lost_reference(std::string_view text, std::size_t at) {
  constexpr std::string_view error = "#REF!";
  if (!text.substr(at).starts_with(error)) return false;
  if (at == 0 || has_any(text.substr(at - 1, 1), "[: ")) return true;
  if (text[at - 1] == '$' && (at == 1 || has_any(text.substr(at - 2, 1), "[: "))) return true;
  constexpr std::size_t most = 24; // "#REF!$1048576" and as much again
  std::string_view behind = text.substr(at, most);
  behind = behind.substr(0, behind.find_first_of("]: "));
  if (behind.size() == most) return false;
  while (!behind.empty()) {
    const bool number = behind[0] == '$' || (behind[0] >= '0' && behind[0] <= '9');
    if (!number && !behind.starts_with(error)) return false;
    behind.remove_prefix(number ? 1 : error.size());
  }
  return true;
}

/// Behind the reference that opens at `at`; npos where it leaves the document.
std::size_t behind_reference(std::string_view formula, std::size_t at) {
  const std::size_t open = at;
  for (++at; at < formula.size();) {
    const char c = formula[at];
    if (c == ']') return at + 1;
    if (c == '\'') {
      if (!may_open_in_reference(formula, open, at)) break;
      const std::size_t end = behind_quoted(formula, at);
      if (end == std::string_view::npos || end == formula.size()) break;
      if (!has_any(formula.substr(end, 1), ".]:")) break;
      // No sheet's name has these (and a "]" might end the reference).
      if (has_any(formula.substr(at + 1, end - at - 2), "[]*?:/\\|")) break;
      at = end;
    } else if (c == '#') {
      if (!is_lost_reference(formula, at)) break;
      at += 5;
    } else if (c == '|' || c == '/' || c == '\\' || c == '"' || c == '[') {
      break;
    } else {
      ++at;
    }
  }
  return std::string_view::npos;
}

/// Behind the quoted label that opens at `at`; npos where something may hide in it.
std::size_t behind_label(std::string_view formula, std::size_t at) {
  if (!may_open(formula, at)) return std::string_view::npos;
  const std::size_t end = behind_quoted(formula, at);
  if (end == std::string_view::npos) return end;
  if (has_any(formula.substr(at + 1, end - at - 2), "([{|#\"")) return std::string_view::npos;
  const bool ends = end == formula.size() || is_blank(formula[end]) ||
                    has_any(formula.substr(end, 1), ")=,;+-*/^&<>:~}");
  return ends ? end : std::string_view::npos;
}

/// Octets of the name of an error; 0 where there is none.
std::size_t error_size(std::string_view text) {
  for (const std::string_view error :
       {"#REF!", "#N/A", "#NAME?", "#VALUE!", "#DIV/0!", "#NUM!", "#NULL!", "#GETTING_DATA",
        "#SPILL!", "#CALC!", "#FIELD!", "#BLOCKED!", "#CONNECT!", "#BUSY!", "#UNKNOWN!"})
    if (text.starts_with(error)) return error.size();
  return 0;
}

constexpr bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}

struct FieldRow {
  std::string_view words;
  Reason reason;
};
constexpr FieldRow fields[] = {
    {"PAGE NUMPAGES SECTIONPAGES SECTION DATE TIME TOC TC REF PAGEREF NOTEREF SEQ STYLEREF SYMBOL "
     "EQ FORMTEXT "
     "FORMCHECKBOX FORMDROPDOWN AUTONUM AUTONUMLGL AUTONUMOUT LISTNUM INDEX XE TOA TA ADVANCE "
     "BIDIOUTLINE "
     "CITATION BIBLIOGRAPHY NUMWORDS NUMCHARS =",
     Reason::none},
    {"DDE DDEAUTO", Reason::office_dde},
    {"LINK INCLUDE INCLUDETEXT INCLUDEPICTURE IMPORT RD DATABASE FILENAME MERGEFIELD NEXT NEXTIF "
     "SKIPIF MERGEREC "
     "MERGESEQ",
     Reason::office_external},
    {"EMBED CONTROL HTMLACTIVEX SHAPE", Reason::office_embedded},
    {"MACROBUTTON PRINT", Reason::office_macro},
    {"GOTOBUTTON", Reason::office_link_to_text},
};

std::vector<std::string_view> arguments(std::string_view code) {
  std::vector<std::string_view> found;
  for (std::size_t at = 0; at < code.size();) {
    if (code[at] == ' ' || code[at] == '\t' || code[at] == '\n') {
      ++at;
      continue;
    }
    const std::size_t end = code[at] == '"'
                                ? std::min(code.find('"', at + 1), code.size() - 1) + 1
                                : std::min(code.find_first_of(" \t\n\"", at + 1), code.size());
    found.push_back(code.substr(at, end - at));
    at = end;
  }
  return found;
}

/// "text" or one word, read alike by everyone: nothing in it escapes or quotes.
bool is_one_text(std::string_view word) {
  if (word.starts_with('"')) {
    if (word.size() < 2 || !word.ends_with('"')) return false;
    word = word.substr(1, word.size() - 2);
  }
  for (const std::string_view curly : {"\u201c", "\u201d", "\u201e", "\u201f"})
    if (word.find(curly) != std::string_view::npos) return false;
  return !word.empty() && word.find_first_of("\\\"") == std::string_view::npos;
}

/// Of a link that only leads to a place in this document: \l "bookmark", a tip and switches that show it otherwise.
std::optional<std::string_view> place_of_link(const std::vector<std::string_view> &words) {
  static const Words shapes = rebuild::words("MERGEFORMAT CHARFORMAT UPPER LOWER FIRSTCAP CAPS");
  std::optional<std::string_view> place, tip;
  for (std::size_t i = 1; i < words.size(); ++i) {
    const std::string name = upper(words[i]);
    if (name == "\\H" || name == "\\N") continue;
    const bool has_text = i + 1 < words.size();
    if (name == "\\*" && has_text && shapes.contains(upper(words[i + 1]))) {
      ++i;
      continue;
    }
    std::optional<std::string_view> &had = name == "\\L" ? place : tip;
    if ((name != "\\L" && name != "\\O") || had || !has_text || !is_one_text(words[i + 1])) return {};
    had = words[++i];
  }
  return place;
}

bool has_control(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; });
}

/// "A1", "$B$2", "Sheet1.A1".
bool ends_as_cell(std::string_view text) {
  text.remove_prefix(text.rfind('.') == text.npos ? 0 : text.rfind('.') + 1);
  std::string letters, digits;
  for (const char c : text) {
    if (c >= '0' && c <= '9')
      digits += c;
    else if (c != '$')
      letters += digits.empty() ? c : '?';
  }
  return !letters.empty() && letters.size() <= 3 && !digits.empty() && digits.size() <= 7 &&
         upper(letters).find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ") == std::string::npos;
}

/// What is written here and not by its octets' numbers.
bool is_plain_place(std::string_view place) {
  while (!place.empty() && (place.front() == '#' || is_blank(place.front())))
    place.remove_prefix(1);
  if (has_control(place) || place.find('\\') != place.npos || place.find("://") != place.npos || place.starts_with('/'))
    return false;
  const std::size_t colon = place.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.");
  if (colon == place.npos || colon == 0 || place[colon] != ':') return true;
  return ends_as_cell(place.substr(0, colon)) && ends_as_cell(place.substr(colon + 1));
}

} // namespace

std::string upper(std::string_view ascii) {
  std::string text(ascii);
  for (char &c : text)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return text;
}

bool has_escape(std::string_view text) {
  const auto is_digit = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); };
  for (std::size_t at = 0; (at = text.find('_', at)) != std::string_view::npos; ++at) {
    const std::string_view rest = text.substr(at);
    if (rest.size() >= 7 && (rest[1] == 'x' || rest[1] == 'X') && rest[6] == '_' &&
        std::ranges::all_of(rest.substr(2, 4), is_digit))
      return true;
  }
  return false;
}

std::string percent_decoded(std::string_view text) {
  const auto digit = [](char c) {
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
                                  : -1;
  };
  std::string plain;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool coded = text[at] == '%' && at + 2 < text.size() && digit(text[at + 1]) >= 0 &&
                       digit(text[at + 2]) >= 0;
    plain += coded ? static_cast<char>(digit(text[at + 1]) * 16 + digit(text[at + 2])) : text[at];
    at += coded ? 2 : 0;
  }
  return plain;
}

bool is_place_inside(std::string_view place) {
  const std::string once = percent_decoded(place), twice = percent_decoded(once);
  return is_plain_place(place) && is_plain_place(once) && is_plain_place(twice) && percent_decoded(twice) == twice;
}

Reason judge_formula(std::string_view formula, const LostNames &lost) {
  if (formula.size() > longest_formula || has_escape(formula)) return Reason::office_unlisted;
  for (std::size_t at = 0; at < formula.size();) {
    const char c = formula[at];
    if (c == '"') {
      if (!may_open(formula, at)) return Reason::office_external;
      at = behind_quoted(formula, at);
    } else if (c == '\'') {
      const std::size_t end = behind_quoted(formula, at);
      if (end < formula.size() && formula[end] == '|') return Reason::office_dde;
      at = behind_sheet_name(formula, at);
    } else if (c == '|') {
      return Reason::office_dde;
    } else if (c == '[') {
      if (at == 0 || !is_word(formula[at - 1])) return Reason::office_external;
      at = behind_columns(formula, at);
    } else if (c == '#') {
      const std::size_t size = error_size(formula.substr(at));
      if (size == 0 || (at > 0 && is_word(formula[at - 1]))) return Reason::office_external;
      at += size;
    } else if (c == ']' || formula.substr(at).starts_with("//")) {
      return Reason::office_external;
    } else if (is_word(c)) {
      const std::size_t start = at;
      while (at < formula.size() && is_word(formula[at]))
        ++at;
      const std::string word = upper(formula.substr(start, at - start));
      const bool sheet = at < formula.size() && formula[at] == '!';
      if (word.find(sheet ? "\\" : "\\\\") != std::string::npos) return Reason::office_external;
      if (const Reason reason = judge_word(formula, at, word); reason != Reason::none)
        return reason;
      if (lost.contains(word)) return Reason::office_external;
    } else {
      ++at;
    }
    if (at == std::string_view::npos) return Reason::office_external;
  }
  return Reason::none;
}

Reason judge_open_formula(std::string_view formula, bool condition) {
  unsigned braces = 0; // of an array, whose rows "|" parts
  for (std::size_t at = 0; at < formula.size();) {
    const char c = formula[at];
    if (c == '"') {
      if (!may_open(formula, at)) return Reason::office_external;
      at = behind_quoted(formula, at);
    } else if (c == '\'') {
      at = behind_label(formula, at);
    } else if (c == '[') {
      at = behind_reference(formula, at);
    } else if (c == '|') {
      if (braces == 0) return Reason::office_dde;
      ++at;
    } else if (c == '#') {
      const std::size_t size = error_size(formula.substr(at));
      if (size == 0 || (at > 0 && is_word(formula[at - 1]))) return Reason::office_external;
      at += size;
    } else if (c == ']' || formula.substr(at).starts_with("//")) {
      return Reason::office_external;
    } else if (c == '{' || c == '}') {
      braces += c == '{' ? 1 : -(braces > 0);
      ++at;
    } else if (is_word(c)) {
      const std::size_t start = at;
      while (at < formula.size() && (is_word(formula[at]) || (condition && formula[at] == '-' &&
                                                              is_lower(formula[at - 1]))))
        ++at;
      const std::string_view word = formula.substr(start, at - start);
      const std::size_t next = behind_blanks(formula, at);
      const bool called = next < formula.size() && formula[next] == '(';
      if (called && condition && condition_words().contains(word)) continue;
      if (const Reason reason = judge_open_word(upper(word), called); reason != Reason::none)
        return reason;
    } else {
      ++at;
    }
    if (at == std::string_view::npos) return Reason::office_external;
  }
  return Reason::none;
}

bool is_inside_address(std::string_view address) {
  for (std::size_t at = 0; at < address.size();) {
    const char c = address[at];
    if (c == '\'') {
      at = behind_quoted(address, at);
      if (at == std::string_view::npos || (at < address.size() && address[at] == '#')) return false;
    } else if (c == '#') {
      if (!is_lost_reference(address, at)) return false;
      at += 5;
    } else if (c == '|' || c == '/' || c == '\\' || c == '"') {
      return false;
    } else {
      ++at;
    }
  }
  return true;
}

/// Calc reads a text under Writer's prefix as a formula of its own, so that what is called must be listed.
bool is_calm_field_formula(std::string_view formula) {
  static const std::unordered_set<std::string_view> listed = {
      "",     "SUM", "MIN", "MAX", "MEAN", "PRODUCT", "ROUND", "SQRT", "POW", "SIN", "COS", "TAN", "ASIN",
      "ACOS", "ATAN", "SIGN", "ABS", "AND", "OR", "XOR", "NOT", "EQ", "NEQ", "LEQ", "GEQ", "L", "G"};
  if (formula.find_first_of("[]{}#|;\\@$&'") != std::string_view::npos) return false;
  for (std::size_t at = formula.find('('); at != std::string_view::npos; at = formula.find('(', at + 1)) {
    std::size_t end = at;
    while (end > 0 && (formula[end - 1] == ' ' || formula[end - 1] == '\t' || formula[end - 1] == '\n')) --end;
    std::size_t start = end;
    while (start > 0 && is_word(formula[start - 1])) --start;
    if (!listed.contains(upper(formula.substr(start, end - start)))) return false;
  }
  return true;
}

bool tells_path(std::string_view description) {
  const std::string text = upper(description);
  const auto is_letter = [&](std::size_t at) { return text[at] >= 'A' && text[at] <= 'Z'; };
  for (std::size_t at = 0; at < text.size(); ++at) {
    const std::string_view rest = std::string_view(text).substr(at);
    const bool begins = at == 0 || !is_letter(at - 1);
    if (begins && rest.starts_with("FILE:")) return true;
    if (begins && is_letter(at) && (rest.substr(1).starts_with(":\\") || rest.substr(1).starts_with(":/"))) return true;
    if (rest.starts_with("\\\\") && rest.size() > 2 && rest[2] > ' ' && rest[2] != '\\') return true;
  }
  return false;
}

Reason judge_field(std::string_view code) {
  const std::vector<std::string_view> words = arguments(code);
  if (words.empty()) return Reason::office_unlisted;
  std::string name = upper(words.front());
  if (name.starts_with('=')) name = "=";
  if (name == "HYPERLINK") {
    std::optional<std::string_view> place = place_of_link(words);
    if (!place) return Reason::office_link_to_text;
    if (place->starts_with('"')) place = place->substr(1, place->size() - 2);
    return is_place_inside(*place) ? Reason::none : Reason::part_external_link;
  }
  if (name == "MACROBUTTON" && words.size() > 1 && upper(words[1]) == "NOMACRO") return Reason::office_unlisted; // calls none
  for (const FieldRow &row : fields) {
    const std::string list = ' ' + std::string(row.words) + ' ';
    if (list.find(' ' + name + ' ') != std::string::npos) return row.reason;
  }
  return Reason::office_unlisted;
}

bool is_unseen_field(std::string_view code) {
  const std::vector<std::string_view> words = arguments(code);
  const std::string name = words.empty() ? std::string() : upper(words.front());
  return words.size() > 1 && (name == "XE" || name == "TC" || name == "TA");
}

} // namespace sekisho::rebuild
