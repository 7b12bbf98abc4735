#include "gateway/relay/release.hh"

#include <gtest/gtest.h>

namespace sekisho::relay {
namespace {

using job::KindClass;
using job::Treatment;

TEST(Release, WordsAndBack) {
  for (const char *words : {"", "pdf render", "pdf text office rebuild any strip", "original tanaka"}) {
    auto release = read_release(words);
    ASSERT_TRUE(release) << words;
    EXPECT_EQ(to_words(*release), words);
  }
  EXPECT_EQ(read_release("original tanaka")->original_by, "tanaka");
  EXPECT_EQ(to_words(widest()), to_words(*read_release(to_words(widest()))));
}

TEST(Release, WhatIsNoneIsRefused) {
  for (const char *words : {"pdf", "pdf rebuild", "exe strip", "pdf original", "original", "original a original b",
                            "original a pdf text", "pdf text original a"})
    EXPECT_FALSE(read_release(words)) << words;
}

TEST(Release, WhatIsOfferedIsTold) {
  EXPECT_EQ(read_release("pdf rebuild").error().what, "no treatment 'rebuild' for pdf; there are strip, hold, text, render");
  EXPECT_EQ(read_release("exe strip").error().what,
            "'exe' is no class of files; there are any, pdf, image, office, archive, text, mail, encrypted");
}

TEST(Release, OnlyWhatIsNamedChanges) {
  job::Plan plan;
  plan.treatments.fill(Treatment::hold);
  const job::Plan wider = widened(plan, *read_release("pdf render archive unpack"));
  EXPECT_EQ(wider.treatment(KindClass::pdf), Treatment::render);
  EXPECT_EQ(wider.treatment(KindClass::archive), Treatment::unpack);
  EXPECT_EQ(wider.treatment(KindClass::office), Treatment::hold);
  const job::Plan widest_plan = widened(plan, widest());
  for (std::size_t i = 0; i < job::kind_class_count; ++i)
    EXPECT_NE(widest_plan.treatments[i], Treatment::hold) << "it would be held again";
}

TEST(Release, AnyStandsForWhatIsNotNamed) { // as in rules
  job::Plan plan;
  plan.treatments.fill(Treatment::hold);
  for (const char *words : {"any strip pdf render", "pdf render any strip"}) {
    const job::Plan wider = widened(plan, *read_release(words));
    EXPECT_EQ(wider.treatment(KindClass::pdf), Treatment::render) << words;
    for (const KindClass other : {KindClass::any, KindClass::text, KindClass::encrypted, KindClass::mail})
      EXPECT_EQ(wider.treatment(other), Treatment::strip) << words;
  }
}

} // namespace
} // namespace sekisho::relay
