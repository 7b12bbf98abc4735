#include "sanitizer/rebuild/mail/calendar_text.hh"

#include <gtest/gtest.h>

namespace sekisho::rebuild {
namespace {

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
      "予定: 招待\n\n件名: 予算, 会議\n開始: 2026-12-01 10:00 (Asia/Tokyo)\n"
      "終了: 2026-12-01 11:30 (Asia/Tokyo)\n場所: 大会議室\nURL: hxxps://meet[.]example[.]jp/x\n"
      "主催者: 山田; 太郎 <yamada@example.jp>\n出席者: sato@example.jp … 欠席\n内容: 一行\n二行\n");
  EXPECT_EQ(calendar_text(
                "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:20261203\nDURATION:P1DT2H30M\n"),
            "開始: 2026-12-03 (終日)\n長さ: 1日2時間30分\n");
  EXPECT_EQ(calendar_text("no calendar"), "");
}

TEST(CalendarText, a_card_of_a_telephone) { // vCard 2.1
  EXPECT_EQ(
      card_text(
          "BEGIN:VCARD\r\nVERSION:2.1\r\nFN;CHARSET=SHIFT_JIS;ENCODING=QUOTED-PRINTABLE:=8E=52=\r\n"
          "=93=63\r\nTEL;CELL:09000000000\r\nitem1.EMAIL:a@example.jp\r\n"
          "ADR:;;本町1;見本町;;100-0001;\r\nPHOTO;ENCODING=b:AAAA\r\nEND:VCARD\r\n"),
      "氏名: 山田\n電話: 09000000000\nメール: a@example.jp\n住所: 本町1 見本町  100-0001 \n");
  EXPECT_EQ(card_text("BEGIN:VCARD\nEND:VCARD\n"), "");
}

} // namespace
} // namespace sekisho::rebuild
