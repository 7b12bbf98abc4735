#include "gateway/port/machine.hh"

#include <gtest/gtest.h>

#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace sekisho::port {
namespace {

namespace fs = std::filesystem;

/// A machine made of files: what is checked, and the words that help.
class MachineTest : public testing::Test {
protected:
  MachineTest() { fs::create_directories(root); }
  ~MachineTest() override { fs::remove_all(root); }

  void write(const std::string &path, const std::string &text) {
    fs::create_directories(fs::path(root + path).parent_path());
    std::ofstream(root + path) << text;
  }
  void link(const std::string &path, const std::string &target) {
    fs::create_directories(fs::path(root + path).parent_path());
    std::error_code ignored;
    fs::remove(root + path, ignored);
    fs::create_symlink(target, root + path);
  }
  void card(const std::string &driver) {
    write(device + "/class", "0x020000\n");
    write(device + "/vendor", "0x8086\n");
    write(device + "/device", "0x10fb\n");
    if (!driver.empty()) link(device + "/driver", "../../../bus/pci/drivers/" + driver);
  }
  void expect_says(const Result<void> &result, std::initializer_list<std::string_view> words) {
    ASSERT_FALSE(result);
    for (std::string_view word : words)
      EXPECT_NE(result.error().what.find(word), std::string::npos) << word << "\n" << result.error().what;
  }

  std::string root = testing::TempDir() + "sekisho-machine-" + std::to_string(::getpid());
  std::string address = "0000:05:00.0", device = "/sys/bus/pci/devices/0000:05:00.0";
  Machine machine{root};
};

TEST_F(MachineTest, ACardThatIsNotThere) {
  expect_says(machine.check_card(address), {"no PCI device 0000:05:00.0", "dpdk-devbind.py --status"});
  write(device + "/class", "0x030000\n"); // a display
  expect_says(machine.check_card(address), {"no network card"});
}

TEST_F(MachineTest, ACardOfTheKernel) {
  card("ixgbe");
  write(device + "/net/enp5s0/address", "");
  expect_says(machine.check_card(address), {"driver ixgbe", "ip link set enp5s0 down",
                                            "dpdk-devbind.py --bind=vfio-pci 0000:05:00.0"});
}

TEST_F(MachineTest, ACardOfAVirtualMachine) { // its interface lies one folder deeper
  card("virtio-pci");
  write(device + "/virtio1/net/ens3/address", "");
  expect_says(machine.check_card(address), {"driver virtio-pci (interface ens3)", "ip link set ens3 down && modprobe vfio-pci",
                                            "write  port \"ens3\""});
}

TEST_F(MachineTest, ACardOfNobody) {
  card("");
  expect_says(machine.check_card(address), {"no driver", "modprobe vfio-pci"});
}

TEST_F(MachineTest, VfioIncomplete) {
  card("vfio-pci");
  expect_says(machine.check_card(address), {"/dev/vfio/vfio", "modprobe vfio-pci"});
  write("/dev/vfio/vfio", "");
  expect_says(machine.check_card(address), {"no IOMMU", "intel_iommu=on"});
  write("/sys/module/vfio/parameters/enable_unsafe_noiommu_mode", "Y\n");
  EXPECT_TRUE(machine.check_card(address));
  write("/sys/module/vfio/parameters/enable_unsafe_noiommu_mode", "N\n");
  link(device + "/iommu_group", "../../../../kernel/iommu_groups/17");
  EXPECT_TRUE(machine.check_card(address));
  EXPECT_NE(machine.why_no_port(address).find("fuser -v /dev/vfio/17"), std::string::npos);
}

TEST_F(MachineTest, ADriverThatSharesItsCard) {
  card("mlx5_core");
  EXPECT_TRUE(machine.check_card(address));
}

TEST_F(MachineTest, HugePages) {
  expect_says(machine.check_memory(64 << 20), {"64 MiB", "0 MiB are free", "echo 32 > /proc/sys/vm/nr_hugepages"});
  write("/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages", "10\n");
  write("/sys/kernel/mm/hugepages/hugepages-1048576kB/free_hugepages", "0\n");
  write("/proc/sys/vm/nr_hugepages", "100\n");
  write("/proc/meminfo", "MemTotal: 1 kB\nHugepagesize:    2048 kB\n");
  EXPECT_EQ(machine.free_huge_octets(), 20u << 20);
  expect_says(machine.check_memory(64 << 20), {"20 MiB are free", "echo 122 >"}); // 90 are in use
  EXPECT_TRUE(machine.check_memory(20 << 20));
  write("/sys/kernel/mm/hugepages/hugepages-1048576kB/free_hugepages", "1\n");
  EXPECT_TRUE(machine.check_memory(1 << 30));
}

TEST_F(MachineTest, Interfaces) {
  expect_says(machine.check_interface("eth9"), {"no interface eth9", "there are none"});
  write("/sys/class/net/lo/mtu", "");
  write("/sys/class/net/eth0/queues/rx-0/x", "");
  write("/sys/class/net/eth0/queues/rx-1/x", "");
  write("/sys/class/net/eth0/queues/tx-0/x", "");
  expect_says(machine.check_interface("eth9"), {"there are eth0"});
  EXPECT_TRUE(machine.check_interface("eth0"));
  EXPECT_EQ(machine.receive_queues("eth0"), 2u);
  EXPECT_EQ(machine.receive_queues("eth9"), 1u);
}

TEST_F(MachineTest, Processors) {
  write("/sys/devices/system/cpu/present", "0-1\n");
  write("/sys/devices/system/cpu/cpu0/node0/x", "");
  write("/sys/devices/system/cpu/cpu1/node1/x", "");
  write("/sys/devices/system/cpu/cpu1/online", "0\n");
  EXPECT_TRUE(machine.check_processors({0}));
  EXPECT_EQ(machine.node_of_processor(1), 1);
  expect_says(machine.check_processors({0, 0}), {"processor 0 twice"});
  expect_says(machine.check_processors({7}), {"no processor 7", "0-1"});
  expect_says(machine.check_processors({1}), {"switched off", "cpu1/online"});
  expect_says(machine.check_processors(std::vector<unsigned>(17, 0)), {"16 forwarding cores"});
}

TEST_F(MachineTest, AdviceForCores) {
  write("/sys/devices/system/cpu/isolated", "2-3,7\n");
  write("/sys/devices/system/cpu/cpu2/topology/thread_siblings_list", "2,6\n");
  write("/sys/devices/system/cpu/cpu3/topology/thread_siblings_list", "3,7\n");
  write("/sys/devices/system/cpu/cpu7/topology/thread_siblings_list", "3,7\n");
  EXPECT_EQ(machine.advice_for({2, 3}), "");
  EXPECT_NE(machine.advice_for({2, 4}).find("nohz_full=4 "), std::string::npos);
  EXPECT_NE(machine.advice_for({3, 7}).find("processors 3 and 7"), std::string::npos);
}

} // namespace
} // namespace sekisho::port
