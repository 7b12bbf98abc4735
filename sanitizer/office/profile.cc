#include "sanitizer/office/profile.hh"

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace sekisho::office {
namespace {

struct Setting {
  const char *path, *name, *value;
};

constexpr Setting settings[] = {
    // nothing of a document runs
    {"org.openoffice.Office.Common/Security/Scripting", "MacroSecurityLevel", "3"},
    {"org.openoffice.Office.Common/Security/Scripting", "DisableMacrosExecution", "true"},
    {"org.openoffice.Office.Java/VirtualMachine", "Enable", "false"},
    // nothing is fetched: never, and not upon a question
    {"org.openoffice.Office.Common/Security/Scripting", "BlockUntrustedRefererLinks", "true"},
    {"org.openoffice.Office.Calc/Content/Update", "Link", "2"},
    {"org.openoffice.Office.Writer/Content/Update", "Link", "0"},
    {"org.openoffice.Inet/Settings", "ooInetProxyType", "0"},
    // nothing is kept
    {"org.openoffice.Office.Recovery/AutoSave", "Enabled", "false"},
    {"org.openoffice.Office.Recovery/RecoveryInfo", "Enabled", "false"},
    {"org.openoffice.Office.Common/Misc", "UseLocking", "false"},
    {"org.openoffice.Office.Common/Misc", "UseDocumentOOoLockFile", "false"},
    {"org.openoffice.Office.Common/Misc", "UseDocumentSystemFileLocking", "false"},
    {"org.openoffice.Office.Common/History", "PickListSize", "0"},
    {"org.openoffice.Office.Common/Misc", "FirstRun", "false"},
    {"org.openoffice.Office.Common/Misc", "UseOpenCL", "false"},
    // dates, paper and fonts where a document leaves them open
    {"org.openoffice.Setup/L10N", "ooSetupSystemLocale", "ja-JP"},
    {"org.openoffice.Office.Linguistic/General", "DefaultLocale_CJK", "ja-JP"},
    {"org.openoffice.Office.Linguistic/SpellChecking", "IsSpellAuto", "false"},
};

/// "7.4" where the installation says "ProductKey=LibreOffice 7.4"; else empty.
std::string version_of(const std::string &installation) {
  constexpr std::string_view key = "ProductKey=";
  std::ifstream file(installation + "/program/bootstraprc");
  for (std::string line; std::getline(file, line);)
    if (line.starts_with(key)) {
      const std::string version = line.substr(line.rfind(' ') + 1);
      return version.find_first_not_of("0123456789.") == version.npos ? version : "";
    }
  return "";
}

std::string item(const Setting &setting) {
  return std::string("<item oor:path=\"/") + setting.path + "\"><prop oor:name=\"" + setting.name +
         "\" oor:op=\"fuse\"><value>" + setting.value + "</value></prop></item>\n";
}

std::string settings_text(const std::string &installation) {
  std::string text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                     "<oor:items xmlns:oor=\"http://openoffice.org/2001/registry\">\n";
  for (const Setting &s : settings)
    text += item(s);
  // A version that has never run here would try out a hundred ways of drawing first.
  if (const std::string version = version_of(installation); !version.empty())
    text += item({"org.openoffice.Setup/Product", "ooSetupLastVersion", version.c_str()});
  return text + "</oor:items>\n";
}

// The widgets that LibreOffice asks for by id when it makes a spreadsheet's input line.
constexpr const char *input_line = R"(<?xml version="1.0" encoding="UTF-8"?>
<interface domain="sc">
  <object class="GtkGrid" id="InputBar">
    <child><object class="GtkButton" id="down"/></child>
    <child><object class="GtkButton" id="up"/></child>
    <child>
      <object class="GtkBox" id="background">
        <child>
          <object class="GtkScrolledWindow" id="scrolledwindow">
            <child>
              <object class="GtkViewport">
                <child><object class="GtkDrawingArea" id="sc_input_window"/></child>
              </object>
            </child>
          </object>
        </child>
      </object>
    </child>
  </object>
</interface>
)";

// … and the window of a comment beside the text.
constexpr const char *comment = R"(<?xml version="1.0" encoding="UTF-8"?>
<interface domain="sw">
  <object class="GtkMenu" id="menu"/>
  <object class="GtkBox" id="Annotation">
    <child>
      <object class="GtkScrolledWindow" id="scrolledwindow">
        <child>
          <object class="GtkViewport">
            <child><object class="GtkDrawingArea" id="editview"/></child>
          </object>
        </child>
      </object>
    </child>
    <child><object class="GtkLabel" id="author"/></child>
    <child><object class="GtkLabel" id="date"/></child>
    <child><object class="GtkLabel" id="resolved"/></child>
    <child>
      <object class="GtkMenuButton" id="menubutton"><property name="popup">menu</property></object>
    </child>
  </object>
</interface>
)";

} // namespace

Result<void> write_profile(const std::string &folder, const std::string &installation) {
  std::error_code error;
  std::filesystem::create_directories(folder + "/user", error);
  std::ofstream file(folder + "/user/registrymodifications.xcu", std::ios::binary);
  file << settings_text(installation);
  if (!file.flush()) return fail("cannot write LibreOffice's profile");
  return {};
}

std::vector<std::pair<std::string, std::string>>
window_descriptions(const std::string &installation) {
  const std::string modules = installation + "/share/config/soffice.cfg/modules";
  return {{modules + "/scalc/ui/inputbar.ui", input_line},
          {modules + "/swriter/ui/annotation.ui", comment}};
}

void set_environment(const std::string &scratch) {
  ::clearenv();
  ::setenv("HOME", scratch.c_str(), 1);
  ::setenv("TMPDIR", scratch.c_str(), 1);
  ::setenv("PATH", "/nowhere", 1); // it looks for gpg
  ::setenv("LC_ALL", "C.UTF-8", 1);
  ::setenv("TZ", "JST-9", 1); // without a file
  ::setenv("SAL_USE_VCLPLUGIN", "svp", 1);
  ::setenv("SAL_DISABLE_OPENCL", "1", 1);
  ::setenv("MAX_CONCURRENCY", "1", 1);
  ::setenv("SAL_RAND_REPEATABLE", "1", 1); // RAND() is calculated whatever the settings say
}

} // namespace sekisho::office
