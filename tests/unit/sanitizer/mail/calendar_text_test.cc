#include "sanitizer/rebuild/mail/calendar_text.hh"

#include <gtest/gtest.h>

namespace sekisho::rebuild {
namespace {

std::string calendar_text(std::string_view utf8) {
  std::vector<Reason> ignored;
  return rebuild::calendar_text(utf8, ignored);
}
std::string card_text(std::string_view utf8) {
  std::vector<Reason> ignored;
  return rebuild::card_text(utf8, ignored);
}

TEST(CalendarText, an_invitation_as_a_person_reads_it) {
  EXPECT_EQ(
      calendar_text(
          "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VTIMEZONE\r\nTZID:Asia/Tokyo\r\n"
          "BEGIN:STANDARD\r\nDTSTART:19700101T000000\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"
          "BEGIN:VEVENT\r\nDTSTART;TZID=Asia/Tokyo:20261201T100000\r\n"
          "DTEND;TZID=\"Asia/Tokyo\":20261201T113000\r\nSUMMARY:予算\\, 会\r\n 議\r\n"
          "LOCATION:大会議室\r\nURL:https://meet.example.jp/x\r\n"
          "ORGANIZER;CN=\"山田; 太郎\":mailto:yamada@example.jp\r\n"
          "ATTENDEE;PARTSTAT=DECLINED:MAILTO:sato@example.jp\r\nDESCRIPTION:一行\\n二行\r\n"
          "BEGIN:VALARM\r\nDESCRIPTION:reminder\r\nEND:VALARM\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"),
      "予定: 招待\n\n件名: 予算, 会議\n開始: 2026-12-01 10:00(日本時間)\n"
      "終了: 2026-12-01 11:30(日本時間)\n場所: 大会議室\nURL: hxxps://meet[.]example[.]jp/x\n"
      "主催者: 山田; 太郎 <yamada@example.jp>\n出席者: sato@example.jp … 欠席\n内容: 一行\n二行\n");
  EXPECT_EQ(calendar_text(
                "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:20261203\nDURATION:P1DT2H30M\n"),
            "開始: 2026-12-03 (終日)\n長さ: 1日2時間30分\n");
  EXPECT_EQ(calendar_text("no calendar"), "");
}

// RFC 5545 §3.6.1: the DTEND of whole days is the first day without the event.
TEST(CalendarText, whole_days_end_on_their_last_day) {
  const auto event = [](std::string_view start, std::string_view end) {
    return calendar_text("BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTEND;VALUE=DATE:" + std::string(end) +
                         "\nDTSTART;VALUE=DATE:" + std::string(start) + "\nEND:VEVENT\n");
  };
  EXPECT_EQ(event("20261121", "20261122"), "開始: 2026-11-21 (終日)\n");
  EXPECT_EQ(event("20261121", "20261121"), "開始: 2026-11-21 (終日)\n");
  EXPECT_EQ(event("20261230", "20270101"), "開始: 2026-12-30 (終日)\n終了: 2026-12-31 (終日)\n");
  EXPECT_EQ(event("20280227", "20280301"), "開始: 2028-02-27 (終日)\n終了: 2028-02-29 (終日)\n");
  EXPECT_EQ(event("20261121", "20269999"), "開始: 2026-11-21 (終日)\n終了: 20269999\n");
  EXPECT_EQ(event("20261121", "00000101"), "開始: 2026-11-21 (終日)\n終了: 00000101\n");
}

TEST(CalendarText, a_link_is_shown_whole_and_is_one_no_more) {
  const auto link = [](const std::string &target) {
    const std::string text = calendar_text("BEGIN:VCALENDAR\nBEGIN:VEVENT\nURL:" + target + "\nEND:VEVENT\n");
    return text.substr(5, text.size() - 6);
  };
  const std::string path = "/l/meetup-join/" + std::string(400, 'a');
  EXPECT_EQ(link("https://meet.example" + path), "hxxps://meet[.]example" + path);
  EXPECT_EQ(link("https://meet.example:" + std::string(400, 'a') + "@evil.example/x"), "hxxps://…@evil[.]example/x");
  EXPECT_EQ(link("zoommtg://zoom.example/join?confno=1"), "zoommtg[:]//zoom[.]example/join?confno=1");
  EXPECT_EQ(link("https://x.example/会議 室"), "hxxps://x[.]example/会議%20室");
}

// RFC 5545 §3.8.5, §3.8.4.4: which meetings of a series take place, and which of them is meant.
TEST(CalendarText, days_of_a_series) {
  EXPECT_EQ(calendar_text("BEGIN:VCALENDAR\nMETHOD:CANCEL\nBEGIN:VEVENT\n"
                          "RECURRENCE-ID;RANGE=THISANDFUTURE:20261128T010000Z\nRRULE:FREQ=WEEKLY\n"
                          "EXDATE;TZID=Asia/Tokyo:20261205T100000,20261212T100000\n"
                          "EXDATE;VALUE=DATE:20261219,x\\,y\n"
                          "RDATE;VALUE=PERIOD:20261206T010000Z/PT1H,20261207T010000Z/20261207T020000Z\n"
                          "CONTACT:山田 0123-45-6789\nX-ALT-DESC;FMTTYPE=text/html:<b>x</b>\nEND:VEVENT\n"),
            "予定: 取り消し\n\n繰り返し: 毎週\n"
            "除外日: 2026-12-05 10:00、2026-12-12 10:00(日本時間)\n"
            "除外日: 2026-12-19 (終日)、x\\、y\n"
            "追加日: 2026-12-06 10:00(日本時間)～1時間、2026-12-07 10:00(日本時間)～2026-12-07 11:00(日本時間)\n"
            "対象の回: 2026-11-28 10:00(日本時間) 以降すべて\n連絡先: 山田 0123-45-6789\n内容: x\n");
}

TEST(CalendarText, what_else_an_event_says) {
  const auto event = [](std::string_view lines) { return calendar_text("BEGIN:VCALENDAR\nBEGIN:VEVENT\n" + std::string(lines) + "END:VEVENT\n"); };
  EXPECT_EQ(event("STATUS:tentative\nEXRULE:FREQ=DAILY\nRESOURCES:プロジェクタ,机\nCATEGORIES:重要\nSUMMARY:a\n"),
            "件名: a\n状態: 仮の予定\n除外する繰り返し: 毎日\n設備・備品: プロジェクタ,机\n分類: 重要\n");
  EXPECT_EQ(event("STATUS:CONFIRMED\nSUMMARY:a\n"), "件名: a\n");
  EXPECT_EQ(event("STATUS:X-延期\n"), "状態: X-延期\n");
  // Outlook has the description as a page too.
  EXPECT_EQ(event("X-ALT-DESC;FMTTYPE=text/html:<p>議題\\; <a href=\"https://a.example/\">資料</a></p>\nDESCRIPTION:議題\\; 資料<https://a.example/>\n"),
            "内容: 議題; 資料<https://a.example/>\n");
  EXPECT_EQ(event("DESCRIPTION:議題\nX-ALT-DESC:<b>別の話</b>\n"), "内容: 議題\n内容 (別の形式): 別の話\n");
  EXPECT_EQ(calendar_text("BEGIN:VCALENDAR\nBEGIN:VFREEBUSY\nFREEBUSY:20261201T010000Z/PT1H\n"
                          "FREEBUSY;FBTYPE=FREE:20261202T010000Z/20261202T020000Z\nCOMMENT:返答\nEND:VFREEBUSY\n"),
            "予定あり: 2026-12-01 10:00(日本時間)～1時間\n空き: 2026-12-02 10:00(日本時間)～2026-12-02 11:00(日本時間)\nコメント: 返答\n");
}

std::string event(std::string_view lines) {
  return calendar_text("BEGIN:VCALENDAR\nBEGIN:VEVENT\n" + std::string(lines) + "END:VEVENT\n");
}

TEST(CalendarText, times_are_those_of_clocks_in_japan) {
  EXPECT_EQ(event("DTSTART:20261231T160000Z\n"), "開始: 2027-01-01 01:00(日本時間)\n");
  EXPECT_EQ(event("DTSTART;TZID=Tokyo Standard Time:20261203T100000\n"), "開始: 2026-12-03 10:00(日本時間)\n");
  EXPECT_EQ(event("DTSTART;TZID=/mozilla.org/20050126_1/Asia/Tokyo:20261203T100000\n"), "開始: 2026-12-03 10:00(日本時間)\n");
  EXPECT_EQ(event("DTSTART;TZID=UTC:20261203T100000\n"), "開始: 2026-12-03 19:00(日本時間)\n");
  EXPECT_EQ(event("EXDATE;TZID=Etc/UTC:20261203T100000,20261204T100000Z\n"), "除外日: 2026-12-03 19:00(日本時間)、2026-12-04 19:00(日本時間)\n");
  EXPECT_EQ(event("DTSTART;TZID=America/New_York:20261203T100000\n"), "開始: 2026-12-03 10:00 (America/New_York)\n");
  EXPECT_EQ(event("DTSTART:20261203T100000\n"), "開始: 2026-12-03 10:00\n") << "of wherever the reader is";
  EXPECT_EQ(event("DTSTART:20261203T990000Z\n"), "開始: 20261203T990000Z\n");
}

// RFC 5545 §3.6.5: a calendar says itself what its zones are.
TEST(CalendarText, times_of_a_zone_that_the_calendar_brings_along) {
  const auto of = [](const std::string &changes, const std::string &lines, const std::string &name = "Zone\\, 1") {
    return calendar_text("BEGIN:VCALENDAR\nBEGIN:VEVENT\n" + lines + "END:VEVENT\nBEGIN:VTIMEZONE\nTZID:" + name + "\n" + changes + "END:VTIMEZONE\nEND:VCALENDAR\n");
  };
  const auto change = [](const std::string &kind, const std::string &offset, const std::string &lines) {
    return "BEGIN:" + kind + "\nTZOFFSETTO:" + offset + "\nTZOFFSETFROM:+0000\n" + lines + "\nEND:" + kind + "\n";
  };
  // As Outlook has Berlin.
  const std::string berlin = change("STANDARD", "+0100", "DTSTART:16011028T030000\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10") +
                             change("DAYLIGHT", "+0200", "DTSTART:16010325T020000\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3");
  const auto start = [&](const std::string &changes, const std::string &time) {
    const std::string text = of(changes, "DTSTART;TZID=\"Zone, 1\":" + time + "\n");
    return text.substr(text.find(": ") + 2, text.size() - text.find(": ") - 3);
  };
  EXPECT_EQ(start(berlin, "20260701T100000"), "2026-07-01 10:00(日本時間 17:00) (Zone, 1)");
  EXPECT_EQ(start(berlin, "20261203T180000"), "2026-12-03 18:00(日本時間 2026-12-04 02:00) (Zone, 1)");
  EXPECT_EQ(start(berlin, "20260203T100000"), "2026-02-03 10:00(日本時間 18:00) (Zone, 1)");
  EXPECT_EQ(start(berlin, "20260329T015900"), "2026-03-29 01:59(日本時間 09:59) (Zone, 1)");
  EXPECT_EQ(start(berlin, "20260329T030000"), "2026-03-29 03:00(日本時間 10:00) (Zone, 1)");
  EXPECT_EQ(start(berlin, "20261025T040000"), "2026-10-25 04:00(日本時間 12:00) (Zone, 1)");
  const std::string until = change("DAYLIGHT", "-0700", "DTSTART:20070311T020000\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=SU;BYMONTHDAY=8,9,10,11,12,13,14;"
                                                        "UNTIL=20250309T100000Z") +
                            change("STANDARD", "-0800", "DTSTART:20071104T020000\nRRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU;UNTIL=20241103T100000Z");
  EXPECT_EQ(start(until, "20250309T010000"), "2025-03-09 01:00(日本時間 18:00) (Zone, 1)");
  EXPECT_EQ(start(until, "20250309T030000"), "2025-03-09 03:00(日本時間 19:00) (Zone, 1)");
  EXPECT_EQ(start(until, "20261203T030000"), "2026-12-03 03:00(日本時間 19:00) (Zone, 1)") << "for good";
  EXPECT_EQ(start(change("STANDARD", "+0530", "DTSTART:20260101T000000\nRDATE:20270101T000000,20280101T000000"), "20250309T010000"),
            "2025-03-09 01:00(日本時間 04:30) (Zone, 1)");
  // Of ours, whatever it is called; of another one, though it is called so.
  const std::string ours = change("STANDARD", "+0900", "DTSTART:19700101T000000");
  EXPECT_EQ(start(ours, "20261203T100000"), "2026-12-03 10:00(日本時間)");
  EXPECT_EQ(of(change("STANDARD", "-0330", "DTSTART:19700101T000000"), "DTSTART;TZID=Asia/Tokyo:20261203T100000\n", "Asia/Tokyo"),
            "開始: 2026-12-03 10:00(日本時間 22:30) (Asia/Tokyo)\n");
  EXPECT_EQ(of(berlin, "EXDATE;TZID=\"Zone, 1\":20260701T100000,20261203T180000\n"),
            "除外日: 2026-07-01 10:00(日本時間 17:00)、2026-12-03 18:00(日本時間 2026-12-04 02:00) (Zone, 1)\n");
  EXPECT_EQ(of(ours, "DTSTART;TZID=\"Zone, 1\":20261203T100000\nRRULE:FREQ=DAILY;UNTIL=20261231T010000Z\n"),
            "開始: 2026-12-03 10:00(日本時間)\n繰り返し: 毎日、2026-12-31まで\n");
  // What cannot be told of a time is said of the zone.
  for (const char *rule : {"FREQ=YEARLY;BYYEARDAY=99", "FREQ=YEARLY;BYMONTH=3;COUNT=2;BYDAY=1SU", "FREQ=YEARLY;BYMONTH=3\nRRULE:FREQ=YEARLY"})
    EXPECT_EQ(start(ours + change("STANDARD", "-0100", "DTSTART:19700101T000000") + change("DAYLIGHT", "+1000", std::string("DTSTART:19700301T020000\nRRULE:") + rule),
                    "20261203T100000"),
              "2026-12-03 10:00 (Zone, 1: UTC+09:00, UTC-01:00)");
}

// RFC 5545 §3.3.10
TEST(CalendarText, how_often_an_event_recurs_is_said_in_words) {
  const auto rule = [](std::string_view text, std::string_view start = "20261201T010000Z") {
    std::string shown = event("DTSTART:" + std::string(start) + "\nRRULE:" + std::string(text) + "\n");
    shown.erase(0, shown.find("繰り返し: ") + std::string_view("繰り返し: ").size());
    return shown.substr(0, shown.find('\n'));
  };
  EXPECT_EQ(rule("FREQ=MONTHLY;BYDAY=1TU;COUNT=4"), "毎月第1火曜日、4回");
  EXPECT_EQ(rule("FREQ=MONTHLY;BYDAY=+1MO,-1FR,-2SU"), "毎月第1月曜日・最終金曜日・最後から2番目の日曜日");
  EXPECT_EQ(rule("FREQ=WEEKLY;WKST=SU;BYDAY=MO,we"), "毎週月・水曜日");
  EXPECT_EQ(rule("FREQ=DAILY;BYDAY=MO,TU"), "毎週月・火曜日");
  EXPECT_EQ(rule("FREQ=WEEKLY;BYDAY=WE", "20261202T230000Z"), "毎週木曜日") << "in Japan";
  EXPECT_EQ(rule("FREQ=DAILY;BYDAY=MO,SU;COUNT=3", "20261202T230000Z"), "毎週火・月曜日、3回");
  EXPECT_EQ(rule("FREQ=WEEKLY;INTERVAL=2;BYDAY=SU", "20261206T230000Z"), "2週間ごとの月曜日");
  EXPECT_EQ(rule("FREQ=WEEKLY;INTERVAL=2;BYDAY=SA,SU", "20261206T230000Z"), "2週間ごとの土・日曜日の翌日") << "of a Monday nobody knows the week";
  EXPECT_EQ(rule("FREQ=MONTHLY;BYDAY=-1FR;COUNT=4", "20261127T230000Z"), "毎月最終金曜日の翌日、4回") << "not the last Saturday";
  EXPECT_EQ(rule("FREQ=YEARLY;BYMONTH=11;BYMONTHDAY=27", "20261127T230000Z"), "毎年11月27日の翌日");
  EXPECT_EQ(rule("FREQ=DAILY;BYMONTH=1;UNTIL=20301231", "20261202T230000Z"), "FREQ=DAILY;BYMONTH=1;UNTIL=20301231 (UTC)");
  EXPECT_EQ(rule("FREQ=WEEKLY", "20261202T230000Z"), "毎週");
  EXPECT_EQ(rule("FREQ=WEEKLY;INTERVAL=2"), "2週間ごと");
  EXPECT_EQ(rule("FREQ=MONTHLY;INTERVAL=3;BYDAY=2TH"), "3か月ごとの第2木曜日");
  EXPECT_EQ(rule("FREQ=YEARLY;UNTIL=20301231"), "毎年、2030-12-31まで");
  // As Outlook and Google write a day of the month or of the year.
  EXPECT_EQ(rule("FREQ=MONTHLY;BYMONTHDAY=15"), "毎月15日");
  EXPECT_EQ(rule("FREQ=MONTHLY;INTERVAL=2;BYMONTHDAY=15,-1;COUNT=6"), "2か月ごとの15日・末日、6回");
  EXPECT_EQ(rule("FREQ=MONTHLY;BYMONTHDAY=-3"), "毎月月末から3日目");
  EXPECT_EQ(rule("FREQ=MONTHLY;BYDAY=TU;BYSETPOS=2"), "毎月第2火曜日");
  EXPECT_EQ(rule("FREQ=MONTHLY;BYDAY=TU;BYSETPOS=1,-1"), "毎月第1火曜日・最終火曜日");
  EXPECT_EQ(rule("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1"), "毎月最後の平日(月～金)");
  EXPECT_EQ(rule("FREQ=MONTHLY;BYDAY=SU,SA;BYSETPOS=2"), "毎月日・土曜日のうち2番目の日");
  EXPECT_EQ(rule("FREQ=MONTHLY;BYDAY=SU,MO,TU,WE,TH,FR,SA;BYSETPOS=1"), "毎月最初の日");
  EXPECT_EQ(rule("FREQ=YEARLY;BYMONTHDAY=1;BYMONTH=4"), "毎年4月1日");
  EXPECT_EQ(rule("FREQ=YEARLY;BYMONTH=4,10;BYMONTHDAY=1;INTERVAL=2"), "2年ごとの4月・10月の1日");
  EXPECT_EQ(rule("FREQ=YEARLY;BYDAY=2MO;BYMONTH=5"), "毎年5月の第2月曜日");
  EXPECT_EQ(rule("FREQ=YEARLY;BYDAY=MO;BYMONTH=5;BYSETPOS=2"), "毎年5月の第2月曜日");
  EXPECT_EQ(rule("FREQ=MONTHLY;BYMONTHDAY=15", "20261202T230000Z"), "毎月15日の翌日") << "the 16th in Japan";
  EXPECT_EQ(rule("FREQ=MONTHLY;BYMONTHDAY=-1", "20261130T230000Z"), "毎月末日の翌日");
  // The last day is one on which it takes place.
  EXPECT_EQ(rule("FREQ=DAILY;UNTIL=20261231T145959Z"), "毎日、2026-12-31まで");
  EXPECT_EQ(rule("FREQ=DAILY;UNTIL=20261231T010000Z"), "毎日、2026-12-31まで");
  EXPECT_EQ(rule("FREQ=DAILY;UNTIL=20261230T150000Z"), "毎日、2026-12-31 00:00(日本時間)まで");
  EXPECT_EQ(rule("FREQ=DAILY;UNTIL=20261231T010000Z", "20261201"), "毎日、2026-12-31まで");
  EXPECT_EQ(rule("FREQ=DAILY;UNTIL=20261231T145959Z", "x"), "毎日、2026-12-31 23:59(日本時間)まで");
  for (const std::string_view other :
       {"FREQ", "FREQ=", "FREQ=HOURLY", "FREQ=MONTHLY;BYDAY=TU", "FREQ=MONTHLY;BYMONTHDAY=0", "FREQ=MONTHLY;BYMONTHDAY=32",
        "FREQ=MONTHLY;BYMONTHDAY=13;BYDAY=FR", "FREQ=MONTHLY;BYSETPOS=1", "FREQ=MONTHLY;BYDAY=1TU;BYSETPOS=1", "FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=1,2",
        "FREQ=MONTHLY;BYMONTH=4;BYMONTHDAY=1", "FREQ=YEARLY;BYMONTHDAY=1", "FREQ=YEARLY;BYMONTH=4", "FREQ=YEARLY;BYMONTH=13;BYMONTHDAY=1",
        "FREQ=YEARLY;BYMONTH=-1;BYMONTHDAY=1", "FREQ=WEEKLY;BYDAY=MO;BYSETPOS=1", "FREQ=DAILY;BYMONTHDAY=1", "FREQ=YEARLY;BYDAY=1TU", "FREQ=WEEKLY;BYDAY=1TU", "FREQ=WEEKLY;BYDAY=", "FREQ=WEEKLY;BYDAY=MO,", "FREQ=WEEKLY;INTERVAL=0",
        "FREQ=WEEKLY;COUNT=99999", "FREQ=WEEKLY;UNTIL=x", "FREQ=WEEKLY;FREQ=DAILY", "FREQ=DAILY;INTERVAL=2;BYDAY=MO", "FREQ=MONTHLY;BYDAY=0TU"})
    EXPECT_EQ(rule(other), other);
}

TEST(CalendarText, a_description_may_be_a_page) {
  EXPECT_EQ(event("DESCRIPTION:<p>議題<br>1. <b>予算</b>\\n2. 人事</p>\\n<ul><li>資料</li></ul>&amp;\n"),
            "内容: 議題\n1. 予算\n2. 人事\n\n- 資料\n&\n");
  EXPECT_EQ(event("DESCRIPTION:<a href=\"https://a.example/\">資料</a> 連絡先 <yamada@example.jp> <https://b.example/>\n"),
            "内容: 資料 <hxxps://a[.]example/> 連絡先 <yamada@example.jp> <https://b.example/>\n");
  for (const std::string fine : {"a < b > c &amp;", "<yamada@example.jp>\n<https://a.example/>", "<br", "<b <i", "</", "<>"}) {
    std::string escaped;
    for (char c : fine) escaped += c == '\n' ? "\\n" : std::string(1, c);
    EXPECT_EQ(event("DESCRIPTION:" + escaped + "\n"), "内容: " + fine + "\n");
  }
  std::vector<Reason> left_out;
  rebuild::calendar_text("BEGIN:VEVENT\nDESCRIPTION:<p>a<script>b</script><span hidden>c</span>\nEND:VEVENT\n", left_out);
  EXPECT_EQ(left_out, (std::vector{Reason::part_script, Reason::part_hidden_content}));
}

TEST(CalendarText, who_need_not_come) {
  EXPECT_EQ(event("ATTENDEE;ROLE=OPT-PARTICIPANT:mailto:a@example.jp\nATTENDEE;ROLE=REQ-PARTICIPANT:mailto:b@example.jp\n"),
            "任意出席者: a@example.jp\n出席者: b@example.jp\n");
}

TEST(CalendarText, who_comes_instead_and_which_revision_it_is) {
  EXPECT_EQ(event("ATTENDEE;PARTSTAT=DELEGATED;DELEGATED-TO=\"mailto:b@example.jp\":mailto:a@example.jp\nSEQUENCE:2\n"),
            "改訂番号: 2\n出席者: a@example.jp (代理: b@example.jp)\n");
  EXPECT_EQ(event("ATTENDEE;DELEGATED-TO=\"mailto:b@example.jp\",\"mailto:c@example.jp\":mailto:a@example.jp\n"),
            "出席者: a@example.jp (代理: b@example.jp, c@example.jp)\n");
  EXPECT_EQ(event("ATTENDEE;DELEGATED-FROM=\"mailto:a@example.jp\":mailto:b@example.jp\nSEQUENCE:0\n"), "出席者: b@example.jp (a@example.jp の代理)\n");
}

TEST(CalendarText, events_in_one_another) {
  EXPECT_EQ(calendar_text("BEGIN:VEVENT\nSUMMARY:outer\nBEGIN:VEVENT\nSUMMARY:inner\nEND:VEVENT\nLOCATION:here\nEND:VEVENT\n"),
            "件名: inner\n\n件名: outer\n場所: here\n");
  EXPECT_EQ(calendar_text("BEGIN:VEVENT\nSUMMARY:outer\nBEGIN:VEVENT\nSUMMARY:inner\n"), "件名: outer\n\n件名: inner\n");
  std::string deep = "BEGIN:VEVENT\nSUMMARY:outer\n", end = "END:VEVENT\n";
  for (int i = 0; i < 40; ++i) {
    deep += "BEGIN:X\n";
    end = "END:X\n" + end;
  }
  EXPECT_EQ(calendar_text(deep + end + "BEGIN:VEVENT\nSUMMARY:next\nEND:VEVENT\n"), "件名: outer\n\n件名: next\n");
}

TEST(CalendarText, a_long_zone_is_told_once_a_line) {
  const std::string zone(100'000, 'z');
  std::string dates = "20261205T100000";
  for (int i = 0; i < 10'000; ++i)
    dates += ",20261205T100000";
  EXPECT_LT(calendar_text("BEGIN:VCALENDAR\nBEGIN:VEVENT\nEXDATE;TZID=" + zone + ":" + dates + "\n").size(),
            2 * (zone.size() + dates.size()));
}

TEST(CalendarText, a_card_of_a_telephone) { // vCard 2.1
  EXPECT_EQ(
      card_text(
          "BEGIN:VCARD\r\nVERSION:2.1\r\nFN;CHARSET=SHIFT_JIS;ENCODING=QUOTED-PRINTABLE:=8E=52=\r\n"
          "=93=63\r\nTEL;CELL:09000000000\r\nitem1.EMAIL:a@example.jp\r\n"
          "ADR:;;本町1;見本町;;100-0001;\r\nPHOTO;ENCODING=b:AAAA\r\nEND:VCARD\r\n"),
      "氏名: 山田\n携帯電話: 09000000000\nメール: a@example.jp\n住所: 本町1 見本町  100-0001\n");
  EXPECT_EQ(card_text("BEGIN:VCARD\nEND:VCARD\n"), "");
  std::vector<Reason> left_out;
  EXPECT_EQ(rebuild::card_text("BEGIN:VCARD\nN:山田;太郎;;;\nSOUND;X-IRMC-N:ヤマダ;タロウ;;;\nTEL:1\nEND:VCARD\n",
                               left_out),
            "氏名: 山田 太郎\nふりがな: ヤマダ タロウ\n電話: 1\n");
  EXPECT_TRUE(left_out.empty()); // it is no sound
  EXPECT_EQ(card_text("BEGIN:VCARD\nN:b;a\nFN:a b\nEND:VCARD\n"), "氏名: a b\n");
}

// RFC 2426 §3.3.1, RFC 6350 §6.4.1
TEST(CalendarText, a_fax_is_no_telephone) {
  EXPECT_EQ(card_text("BEGIN:VCARD\nFN:a\nTEL;TYPE=WORK,VOICE:1\nTEL;TYPE=work;TYPE=fax:2\nTEL;TYPE=\"cell,text\":3\n"
                      "TEL;HOME;FAX:4\nTEL;X-NOTFAX=1:5\nTEL:6\nEND:VCARD\n"),
            "氏名: a\n電話: 1\nFAX: 2\n携帯電話: 3\nFAX (自宅): 4\n電話: 5\n電話: 6\n");
  EXPECT_EQ(card_text("BEGIN:VCARD\nFN:a\nIMPP:skype:yamada\nTEL;TYPE=PAGER:9\nROLE:課長補佐\nEND:VCARD\n"),
            "氏名: a\n担当: 課長補佐\nポケットベル: 9\nメッセージ: skype:yamada\n");
}

TEST(CalendarText, names_in_kana) {
  EXPECT_EQ(card_text("BEGIN:VCARD\nFN:髙橋 太郎\nX-PHONETIC-FIRST-NAME:タロウ\nX-PHONETIC-LAST-NAME:タカハシ\n"
                      "SOUND;X-IRMC-N:タカハシ;タロウ;;;\nSORT-STRING:タカハシ\nTEL:1\nEND:VCARD\n"),
            "氏名: 髙橋 太郎\nふりがな: タカハシ タロウ\n電話: 1\n");
  EXPECT_EQ(card_text("BEGIN:VCARD\nFN:髙橋\nSORT-STRING:たかはし\nEND:VCARD\n"), "氏名: 髙橋\nふりがな: たかはし\n");
}

TEST(CalendarText, what_else_a_card_says) {
  EXPECT_EQ(card_text("BEGIN:VCARD\nFN:山田\nN:山田;太郎;;;\nNICKNAME:ヤマ\nORG:見本町;総務課\nX-PHONETIC-ORG:みほんちょう\nADR;TYPE=home:;;本町1;見本町;;;\n"
                      "LABEL:見本町本町1\\n山田方\nX-SOCIALPROFILE;TYPE=x:https://x.example/y\nANNIVERSARY:20200401\nMEMBER:mailto:a@example.jp\n"
                      "RELATED;TYPE=spouse:花子\nitem1.X-ABRELATEDNAMES:次郎\nCATEGORIES:取引先\nEND:VCARD\n"),
            "氏名: 山田\n姓・名: 山田 太郎\n通称: ヤマ\n所属: 見本町 総務課\n所属のふりがな: みほんちょう\n住所 (自宅): 本町1 見本町\n"
            "宛名: 見本町本町1 山田方\nURL: hxxps://x[.]example/y\n記念日: 20200401\n構成員: mailto:a@example.jp\n関係者: 花子\n関係者: 次郎\n分類: 取引先\n");
  EXPECT_EQ(card_text("BEGIN:VCARD\nFN:Smith\\, A\nN:Smith\\, A;;;\nEND:VCARD\n"), "氏名: Smith, A\n");
  // vCard 2.1: an AGENT's card stands inside.
  EXPECT_EQ(card_text("BEGIN:VCARD\nFN:a\nAGENT:\nBEGIN:VCARD\nFN:b\nEND:VCARD\nTEL:1\nEND:VCARD\nBEGIN:VCARD\nFN:c\n"),
            "氏名: a\n\n氏名: b\n\n電話: 1\n\n氏名: c\n");
}

TEST(CalendarText, a_folded_parameter_is_one) {
  EXPECT_EQ(card_text("BEGIN:VCARD\nNOTE;ENCODING=QUOTED-\n PRINTABLE:one=\n two\nEND:VCARD\n"),
            "備考: one two\n");
  EXPECT_EQ(card_text("BEGIN:VCARD\nNOTE:a=\nFN:b\nEND:VCARD\n"), "氏名: b\n備考: a=\n");
}

// Half a million soft line ends took minutes: none of them may look at all that came before.
TEST(CalendarText, a_long_quoted_value_is_read_in_linear_time) {
  std::string card = "BEGIN:VCARD\nNOTE;ENCODING=QUOTED-PRINTABLE:=\n";
  for (int i = 0; i < 500'000; ++i)
    card += "abc=\n";
  EXPECT_EQ(card_text(card + "\nEND:VCARD\n").size(), std::string_view("備考: \n").size() + 1'500'000);
}

TEST(CalendarText, nothing_is_cut_off_in_silence) {
  std::string many;
  for (int i = 0; i < 21'000; ++i)
    many += "X-A:b\n";
  EXPECT_EQ(calendar_text("BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:first\n" + many +
                          "DESCRIPTION:last\nEND:VEVENT\nEND:VCALENDAR\n"),
            ""); // stays the text that it is
  EXPECT_EQ(card_text("BEGIN:VCARD\nFN:a\n" + many + "END:VCARD\n"), "");
  std::string people;
  for (int i = 0; i < 103; ++i)
    people += "ATTENDEE:mailto:a@example.jp\n";
  EXPECT_TRUE(calendar_text("BEGIN:VCALENDAR\nBEGIN:VEVENT\n" + people + "END:VEVENT\n")
                  .ends_with("ほか: ATTENDEE 3件\n"));
}

TEST(CalendarText, what_is_attached_to_an_event_has_its_name) { // RFC 5545 §3.8.1.1
  const auto told = [](const std::string &line) { return calendar_text("BEGIN:VCALENDAR\nBEGIN:VEVENT\n" + line + "\nEND:VEVENT\n"); };
  EXPECT_EQ(told("ATTACH;FILENAME=説明.pdf;FMTTYPE=application/pdf:https://drive.example/d/1"), "添付: 説明.pdf <hxxps://drive[.]example/d/1>\n");
  EXPECT_EQ(told("ATTACH:https://drive.example/a.exe"), "添付: hxxps://drive[.]example/a.exe\n");
  EXPECT_EQ(told("ATTACH;ENCODING=BASE64;VALUE=BINARY;X-FILENAME=\"議事,次第.docx\":UEsDBBQ"), "添付: 議事,次第.docx … 取り除きました\n");
  EXPECT_EQ(told("ATTACH;FILENAME=a.txt:data:text/plain,x"), "添付: a.txt … 取り除きました\n");
  EXPECT_EQ(told("ATTACH;VALUE=BINARY;ENCODING=BASE64:AAAA"), "添付: (名前なし) … 取り除きました\n");
  EXPECT_EQ(told("ATTACH;FILENAME=b.pdf:CID:1@example"), "添付: b.pdf\n");
  EXPECT_EQ(told("ATTACH:CID:1@example"), "");
}

TEST(CalendarText, a_description_that_the_mail_says_is_not_told_again) {
  std::vector<Reason> left_out;
  const auto told = [&](const std::string &description, std::string_view said) {
    return rebuild::calendar_text("BEGIN:VCALENDAR\nBEGIN:VEVENT\nDESCRIPTION:" + description + "\nEND:VEVENT\n", left_out, said);
  };
  const std::string same = "内容: 上の本文と同じ\n";
  EXPECT_EQ(told("定例会議のご案内\\n\\n会議 ID: 1", "佐藤様\n定例会議のご案内 \n会議 ID: 1\n\n以上"), same);
  EXPECT_EQ(told("<p>定例会議<br>a</p>", "定例会議\na"), same);
  EXPECT_EQ(told("中止", "中止ではない\n"), "内容: 中止\n");
  EXPECT_EQ(told("中止", "会議を中止\n"), "内容: 中止\n");
  EXPECT_EQ(told("a\\nb", "a\nx\nb\n"), "内容: a\nb\n");
  EXPECT_EQ(told("a", ""), "内容: a\n");
  EXPECT_EQ(told(" ", "a"), told(" ", ""));
  EXPECT_EQ(rebuild::calendar_text("BEGIN:VCALENDAR\nBEGIN:VEVENT\nDESCRIPTION:a\nX-ALT-DESC:<p>a</p>\nEND:VEVENT\n", left_out, "a\n"), same);
}

TEST(CalendarText, what_is_no_text_is_told) {
  std::vector<Reason> left_out;
  rebuild::calendar_text("BEGIN:VCALENDAR\nBEGIN:VEVENT\nATTACH:https://example.com/a\n"
                         "ATTACH;ENCODING=BASE64;VALUE=BINARY:AAAA\nATTACH:data:,x\nBEGIN:VALARM\n"
                         "ACTION:PROCEDURE\nEND:VALARM\nEND:VEVENT\nEND:VCALENDAR\n",
                         left_out);
  EXPECT_EQ(left_out, (std::vector{Reason::part_external_link, Reason::part_embedded_file,
                                   Reason::part_launch_action}));
  left_out.clear();
  rebuild::card_text("BEGIN:VCARD\nFN:a\nPHOTO;ENCODING=b:AAAA\nSOUND:data:,x\nKEY;ENCODING=b:AAAA\nEND:VCARD\n", left_out);
  EXPECT_EQ(left_out, (std::vector{Reason::part_picture_dropped, Reason::part_multimedia, Reason::part_embedded_file}));
}

} // namespace
} // namespace sekisho::rebuild
