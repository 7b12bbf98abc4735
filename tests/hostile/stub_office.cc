// Stands in for LibreOffice's main library: what the document says is what it does.  Behind the
// same jail, loaded by the same program as the real one (tests/hostile/office_test.sh).
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>
#include <string>

#include <unistd.h>

namespace {

using Event = void (*)(int type, const char *payload, void *data);

struct Document;
struct DocumentClass {
  std::size_t size;
  void (*destroy)(Document *);
  int (*save_as)(Document *, const char *url, const char *format, const char *options);
};
struct Document {
  DocumentClass *calls;
};
struct Office;
struct OfficeClass {
  std::size_t size;
  void (*destroy)(Office *);
  Document *(*load)(Office *, const char *);
  char *(*error)(Office *);
  Document *(*load_with_options)(Office *, const char *url, const char *options);
  void (*free_error)(char *);
  void (*on_event)(Office *, Event, void *data);
  char *(*filter_types)(Office *);
  void (*set_features)(Office *, unsigned long long);
  void (*set_password)(Office *, const char *url, const char *password);
};
struct Office {
  OfficeClass *calls;
};

Event tell = nullptr;
void *tell_whom = nullptr;
std::string words;

std::string contents(const char *url) {
  std::ifstream file(url + std::strlen("file://"), std::ios::binary);
  std::stringstream all;
  all << file.rdbuf();
  return all.str();
}

bool says(const char *word) {
  return words.find(word) != std::string::npos;
}

int save(Document *, const char *url, const char *, const char *) {
  std::ofstream file(url + std::strlen("file://"), std::ios::binary);
  if (says("no pdf"))
    file << "what is this";
  else if (says("much"))
    file << "%PDF-1.4\n" << std::string(100u << 20, 'x');
  else
    file << "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 "
            "R/OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>>>endobj\n"
            "2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
            "3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]>>endobj\n"
            "trailer<</Root 1 0 R>>\n";
  return 1;
}
DocumentClass document_calls{sizeof(DocumentClass), nullptr, save};
Document document{&document_calls};

Document *load(Office *, const char *url, const char *) {
  words = contents(url);
  if (says("hang"))
    for (;;)
      ::usleep(100'000);
  if (says("spin"))
    for (volatile unsigned turn = 0;;) {
      const unsigned last = turn;
      turn = last + 1;
    }
  if (says("crash")) std::abort();
  if (says("leave")) ::_exit(0);
  if (says("password") && tell) tell(20, url, tell_whom);
  return says("password") || says("refuse") ? nullptr : &document;
}
void listen(Office *, Event event, void *data) {
  tell = event;
  tell_whom = data;
}
void features(Office *, unsigned long long) {}
void password(Office *, const char *, const char *) {}
OfficeClass office_calls{sizeof(OfficeClass),
                         nullptr,
                         nullptr,
                         nullptr,
                         load,
                         nullptr,
                         listen,
                         nullptr,
                         features,
                         password};
Office office{&office_calls};

} // namespace

extern "C" __attribute__((visibility("default"))) Office *libreofficekit_hook_2(const char *,
                                                                                const char *) {
  return &office;
}
