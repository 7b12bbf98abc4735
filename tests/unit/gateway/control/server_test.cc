// The local socket under hostile visitors: a server in a child, the roles played by this side.
#include "gateway/control/server.hh"

#include "gateway/control/client.hh"
#include "tests/unit/gateway/record/folder.hh"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <csignal>
#include <future>
#include <thread>

namespace sekisho::control {
namespace {

using role::Channel;
using role::MessageType;

struct Pair {
  UniqueFd near, far;
  Pair() {
    auto made = role::make_pair();
    near = std::move(made->first);
    far = std::move(made->second);
  }
};

UniqueFd visit(const std::string &path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strcpy(address.sun_path, path.c_str());
  UniqueFd fd(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
  if (::connect(fd.get(), reinterpret_cast<sockaddr *>(&address), sizeof address) != 0) fd.reset();
  return fd;
}

class ServerTest : public testing::Test {
protected:
  void SetUp() override {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strcpy(address.sun_path, path().c_str());
    listener_.reset(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0));
    ASSERT_EQ(::bind(listener_.get(), reinterpret_cast<sockaddr *>(&address), sizeof address), 0);
    ASSERT_EQ(::listen(listener_.get(), 64), 0);
    child_ = ::fork();
    if (child_ == 0) {
      Roles roles{Channel(orders_.far.get()), Channel(supervisor_.far.get()), Channel(),
                  Channel(relay_.far.get()),  Channel(record_.far.get()),     Channel(events_.far.get())};
      ::_exit(Server(listener_.get(), roles).serve());
    }
    auto ready = Channel(orders_.near.get()).receive(5000);
    ASSERT_TRUE(ready);
    ASSERT_EQ(ready->type, MessageType::ready);
    player_ = std::thread([this] { play(); });
  }

  void TearDown() override {
    Channel(orders_.near.get()).send(MessageType::stop, 0);
    int status = 1;
    ::waitpid(child_, &status, 0);
    EXPECT_EQ(status, 0) << "the server lived until it was stopped";
    over_ = true;
    player_.join();
  }

  std::string path() const { return folder_.path() + "/control"; }
  Json ask(const char *question) const {
    auto answer = control::ask(folder_.path(), Json::parse(question), 4000);
    return answer ? *answer : Json{{"unreachable", answer.error().what}};
  }

  /// The roles' side: a supervisor and a record that answer, a relay that does not.
  void play() {
    while (!over_) {
      Channel supervisor(supervisor_.near.get()), record(record_.near.get());
      if (auto message = supervisor.receive(10)) {
        supervisor.send(MessageType::done, message->id + 1000, "forged: nobody asked");
        if (message->type == MessageType::status)
          supervisor.send(MessageType::reply, message->id, R"({"roles":[{"name":"relay","state":"up"}]})");
        else if (message->type == MessageType::user) {
          if (knows_users_) supervisor.send(MessageType::reply, message->id, message->text == std::to_string(::getuid()) ? "soumu" : "");
        } else if (message->type == MessageType::sever) supervisor.send(MessageType::done, message->id, message->text);
        else supervisor.send(MessageType::failed, message->id, "rules:1:1: error");
      }
      if (auto message = record.receive(10))
        record.send(MessageType::reply, message->id,
                    message->type == MessageType::trace ? R"({"mails":[{"receipt":"R1"}]})" : R"({"lines":7})");
    }
  }

  test::Folder folder_;
  UniqueFd listener_;
  Pair orders_, supervisor_, relay_, record_, events_;
  pid_t child_ = -1;
  std::atomic<bool> over_ = false, knows_users_ = true;
  std::thread player_;
};

TEST_F(ServerTest, AnswersWithWhatTheRolesSay) {
  Json severed = ask(R"({"do":"sever","zone":"internet"})");
  EXPECT_EQ(severed["ok"], true);
  Json told = Json::parse(severed["answer"].get<std::string>());
  EXPECT_EQ(told["zone"], "internet");
  EXPECT_EQ(told["who"]["uid"], ::getuid()) << "as the kernel tells it";
  EXPECT_EQ(told["who"]["pid"], ::getpid());
  Json refused = ask(R"({"do":"reload"})");
  EXPECT_EQ(refused["ok"], false);
  EXPECT_EQ(refused["error"], "rules:1:1: error");
  EXPECT_EQ(ask(R"({"do":"trace","receipt":"R1"})")["answer"]["mails"][0]["receipt"], "R1");
}

TEST_F(ServerTest, SilentRoleIsSaidToBeSilent) {
  Json status = ask(R"({"do":"status"})");
  EXPECT_EQ(status["answer"]["roles"][0]["state"], "silent");
  EXPECT_EQ(status["answer"]["record"]["lines"], 7);
}

TEST_F(ServerTest, TraceIsRecorded) {
  ask(R"({"do":"trace","receipt":"R1"})");
  auto event = Channel(events_.near.get()).receive(1000);
  ASSERT_TRUE(event);
  const Json told = Json::parse(event->text);
  EXPECT_EQ(told["event"], "trace-asked");
  EXPECT_EQ(told["asked"], Json({{"receipt", "R1"}}));
  EXPECT_EQ(told["who"], Json({{"uid", ::getuid()}, {"pid", ::getpid()}, {"user", "soumu"}}));
}

TEST_F(ServerTest, WhoeverAsksTheRelayIsNamed) { // L1, Art. 45
  const auto relay = Channel(relay_.near.get());
  auto asked = std::async(std::launch::async, [&] { return ask(R"({"do":"queue","action":"list","who":"root"})"); });
  auto message = relay.receive(4000);
  ASSERT_TRUE(message);
  EXPECT_EQ(Json::parse(message->text)["who"], Json({{"uid", ::getuid()}, {"pid", ::getpid()}, {"user", "soumu"}}));
  relay.send(MessageType::reply, message->id, R"({"total":0})");
  EXPECT_EQ(asked.get()["answer"]["total"], 0);
}

TEST_F(ServerTest, ASupervisorThatKnowsNoNameKeepsNobodyWaiting) {
  knows_users_ = false;
  EXPECT_EQ(ask(R"({"do":"trace","receipt":"R1"})")["answer"]["mails"][0]["receipt"], "R1");
  auto event = Channel(events_.near.get()).receive(1000);
  ASSERT_TRUE(event);
  EXPECT_EQ(Json::parse(event->text)["who"], Json({{"uid", ::getuid()}, {"pid", ::getpid()}}));
}

TEST_F(ServerTest, GarbageGetsARefusalAndNothingElse) {
  for (const std::string &text : {std::string("garbage"), std::string(4097, 'x'), std::string(100'000, '['),
                                  std::string("\0\xff\xfe", 3)}) {
    UniqueFd fd = visit(path());
    ASSERT_TRUE(fd);
    EXPECT_EQ(::send(fd.get(), text.data(), text.size(), MSG_NOSIGNAL), static_cast<ssize_t>(text.size()));
    char answer[1000];
    ssize_t length = ::recv(fd.get(), answer, sizeof answer, 0);
    ASSERT_GT(length, 0);
    EXPECT_NE(std::string(answer, static_cast<std::size_t>(length)).find(R"("ok":false)"), std::string::npos);
    EXPECT_EQ(::recv(fd.get(), answer, sizeof answer, 0), 0) << "the conversation is over";
  }
  EXPECT_EQ(ask(R"({"do":"sever","zone":"internet"})")["ok"], true);
}

TEST_F(ServerTest, ManyVisitorsAreBoundedAndDoNotStay) {
  std::vector<UniqueFd> silent;
  for (int i = 0; i < 60; i++) silent.push_back(visit(path()));
  ::usleep(300'000);
  std::string folder = "/proc/" + std::to_string(child_) + "/fd";
  auto open = std::distance(std::filesystem::directory_iterator(folder), {});
  EXPECT_LT(open, 60) << "at most 32 visitors";
  ::usleep(2'500'000); // the patience with a silent visitor is 2 s
  EXPECT_EQ(ask(R"({"do":"sever","zone":"internet"})")["ok"], true);
}

TEST_F(ServerTest, FloodOfQuestionsDoesNotEndIt) {
  for (int i = 0; i < 500; i++) {
    UniqueFd fd = visit(path());
    if (!fd) continue;
    const char question[] = R"({"do":"status"})";
    ::send(fd.get(), question, sizeof question - 1, MSG_NOSIGNAL); // and leave
  }
  ::usleep(1'500'000);
  EXPECT_EQ(ask(R"({"do":"sever","zone":"internet"})")["ok"], true);
}

TEST_F(ServerTest, FileDescriptorsSentAlongAreNotKept) {
  UniqueFd fd = visit(path());
  const int null = ::open("/dev/null", O_RDONLY);
  const int sent[] = {null, null}; // two: there is room for both beside a question
  char question[] = R"({"do":"status"})";
  iovec part{question, sizeof question - 1};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof sent)] = {};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  cmsghdr *rights = CMSG_FIRSTHDR(&message);
  rights->cmsg_level = SOL_SOCKET;
  rights->cmsg_type = SCM_RIGHTS;
  rights->cmsg_len = CMSG_LEN(sizeof sent);
  std::memcpy(CMSG_DATA(rights), sent, sizeof sent);
  auto count = [this] {
    return std::distance(std::filesystem::directory_iterator("/proc/" + std::to_string(child_) + "/fd"), {});
  };
  ::usleep(100'000); // it was let in
  auto before = count();
  ::sendmsg(fd.get(), &message, MSG_NOSIGNAL);
  ::usleep(100'000);
  EXPECT_LE(count(), before);
  ::close(null);
}

} // namespace
} // namespace sekisho::control
