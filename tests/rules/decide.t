# question -> verdict [reason] [rule]: the order of the checks is the order of Policy::decide.
| zone mynumber { port "a"  network 10.1.0.0/24  address 10.1.0.1 }
| zone lgwan { port "b"  network 10.2.0.0/24, 2001:db8:2::/64  address 10.2.0.1 }
| zone asp { port "d"  network 10.4.0.0/24, 2001:db8:4::/64  address 10.4.0.1 }
| zone internet { port "c"  network 10.3.0.0/24  address 10.3.0.1 }
| host tax-01 { zone mynumber  address 10.1.0.11  mac 02:00:5e:10:00:01 }
| host tax-02 { zone mynumber  address 10.1.0.12  mac 02:00:5e:10:00:04 }
| host eltax { zone lgwan  address 10.2.0.40  mac 02:00:5e:10:00:02 }
| host dns { zone lgwan  address 10.2.0.53 }
| permit tcp port 443 from tax-01 to eltax for "a" owner "b" approved "c" until 2027-03-31
| permit tcp port 8443 from tax-01 to eltax for "a" owner "b" approved "c" until 2026-11-19
| permit udp port 53 from asp to dns for "a" owner "b" approved "c"
| permit tcp port 8000-8010 from 10.4.0.0/25 to lgwan for "a" owner "b" approved "c"
| permit icmp echo from lgwan to asp for "a" owner "b" approved "c"
| permit tcp port 9000 from tax-02 to eltax for "a" owner "b" approved "c" until 2026-11-19
| permit tcp port 9000-9001 from tax-02 to eltax for "a" owner "b" approved "c" until 2026-11-20
| relay mail in from internet to lgwan { recipients "*@town.example.lg.jp", "info@other.example"  next-hop 10.2.0.25  for "a" owner "b" approved "c" }
| relay mail late from internet to asp { recipients "*@late.example" listen port 2525  next-hop 10.4.0.25 port 10025  for "a" owner "b" approved "c" until 2026-11-19 }

# the listed flow, and one thing different each time
tcp from mynumber 10.1.0.11:40000 mac 02:00:5e:10:00:01 to lgwan 10.2.0.40:443 -> pass to lgwan rules:9
tcp from tax-01 to eltax:443 -> pass to lgwan rules:9
tcp from 10.1.0.11 mac 02:00:5e:10:00:09 to 10.2.0.40:443 -> drop mac-mismatch
tcp from 10.1.0.99 mac 02:00:5e:10:00:01 to 10.2.0.40:443 -> drop host-unknown
tcp from tax-01 to eltax:444 -> drop service-not-listed
udp from tax-01 to eltax:443 -> drop service-not-listed
icmp from tax-01 to eltax -> drop service-not-listed
tcp from tax-01 to dns:443 -> drop zone-closed
tcp from eltax to tax-01:443 -> drop zone-closed
tcp from tax-01 to eltax:8443 -> drop rule-expired rules:10
tcp from tax-02 to eltax:443 -> drop service-not-listed
tcp from tax-02 to eltax:9000 -> pass to lgwan rules:15
tcp from tax-02 to eltax:9002 -> drop service-not-listed

# who it is (Z5)
tcp from lgwan 10.1.0.11 mac 02:00:5e:10:00:01 to 10.4.0.9:80 -> drop source-not-of-zone
tcp from internet 10.2.0.9 to 10.3.0.1:25 -> drop source-not-of-zone
tcp from lgwan 10.2.0.1 to 10.4.0.9:80 -> drop source-not-of-zone
tcp from lgwan 10.2.0.255 to 10.4.0.9:80 -> drop source-not-of-zone
tcp from lgwan 10.2.0.0 to 10.4.0.9:80 -> drop source-not-of-zone
tcp from lgwan 10.2.0.9 mac 02:00:5e:10:00:01 to 10.4.0.9:80 -> drop mac-mismatch
tcp from lgwan 10.2.0.9 mac 02:00:5e:10:00:02 to 10.4.0.9:80 -> drop service-not-listed

# where it goes
tcp from lgwan 10.2.0.9 to 192.0.2.1:80 -> drop no-destination-zone
tcp from lgwan 10.2.0.9 to 10.2.0.10:80 -> drop same-zone
tcp from internet 10.3.0.9 to 10.3.0.1:25 -> relay rules:16
tcp from internet 10.3.0.9 to 10.3.0.1:26 -> drop gateway-port-closed
udp from internet 10.3.0.9 to 10.3.0.1:25 -> drop gateway-port-closed
icmp from internet 10.3.0.9 to 10.3.0.1 -> drop gateway-port-closed
tcp from internet 10.3.0.9 to 10.2.0.1:25 -> drop gateway-port-closed
tcp from lgwan 10.2.0.9 to 10.2.0.1:25 -> drop gateway-port-closed
tcp from internet 10.3.0.9 to 10.3.0.1:2525 -> drop rule-expired rules:17

# which zones may meet (Z3, Z4)
tcp from internet 10.3.0.9 to 10.1.0.11:443 -> drop zone-closed
tcp from tax-01 to 10.3.0.9:443 -> drop zone-closed
tcp from internet 10.3.0.9 to 10.2.0.40:443 -> drop zones-split
tcp from dns to 10.3.0.9:443 -> drop zones-split

# networks and ranges
udp from asp 10.4.0.9 to dns:53 -> pass to lgwan rules:11
tcp from asp 10.4.0.9 to dns:53 -> drop service-not-listed
tcp from asp 10.4.0.9 to 10.2.0.77:8000 -> pass to lgwan rules:12
tcp from asp 10.4.0.9 to 10.2.0.77:8010 -> pass to lgwan rules:12
tcp from asp 10.4.0.9 to 10.2.0.77:8011 -> drop service-not-listed
tcp from asp 10.4.0.129 to 10.2.0.77:8000 -> drop not-listed
tcp from asp 10.4.0.9 to 10.2.0.255:8000 -> drop ip-multicast
icmp from dns to 10.4.0.9 -> pass to asp rules:13
icmp from lgwan [2001:db8:2::5] to [2001:db8:4::5] -> pass to asp rules:13
tcp from asp [2001:db8:4::5]:40000 to [2001:db8:2::5]:8000 -> drop not-listed
tcp from dns to 10.4.0.9:80 -> drop service-not-listed

# the gateway's own kernel
tcp from gateway to 10.2.0.25:25 -> relay rules:16
tcp from gateway to 10.2.0.25:26 -> drop kernel-not-listed
tcp from gateway to 10.2.0.26:25 -> drop kernel-not-listed
udp from gateway to 10.2.0.25:25 -> drop kernel-not-listed
icmp from gateway to 10.2.0.25 -> drop kernel-not-listed
tcp from gateway to 10.3.0.25:25 -> drop kernel-not-listed
tcp from gateway to 10.4.0.25:10025 -> drop rule-expired rules:17

# mail (M1)
mail from internet a@x.example to b@town.example.lg.jp -> relay rules:16
mail from internet to B@Town.Example.LG.JP -> relay rules:16
mail from internet to info@other.example -> relay rules:16
mail from internet to sales@other.example -> drop relay-denied
mail from internet to b@sub.town.example.lg.jp -> drop relay-denied
mail from internet to b@xtown.example.lg.jp -> drop relay-denied
mail from internet to b%evil.example@town.example.lg.jp -> drop relay-denied
mail from internet to evil.example!b@town.example.lg.jp -> drop relay-denied
mail from internet to b@evil.example@town.example.lg.jp -> drop relay-denied
mail from internet to @town.example.lg.jp -> drop relay-denied
mail from lgwan to b@town.example.lg.jp -> drop relay-denied
mail from internet to b@late.example -> drop mail-rule-expired rules:17

# 0.0.0.0/0 as the outside: the rest of the world, and no more than that
| zone lgwan { port "b"  network 10.2.0.0/24  address 10.2.0.1 }
| zone internet { port "c"  network 0.0.0.0/0  address 203.0.113.1 }
| relay mail in from internet to lgwan { recipients "*@town.example.lg.jp"  next-hop 10.2.0.25  for "a" owner "b" approved "c" }
tcp from internet 198.51.100.7 to 203.0.113.1:25 -> relay rules:3
tcp from internet 10.2.0.9 to 203.0.113.1:25 -> drop source-not-of-zone
tcp from lgwan 10.2.0.9 to 198.51.100.7:80 -> drop zones-split
tcp from lgwan 198.51.100.7 to 10.2.0.9:80 -> drop source-not-of-zone

# sets, services, hours; the first written that is in force answers.  It is a Friday.
| zone mynumber { port "a"  network 10.1.0.0/24  address 10.1.0.1 }
| zone lgwan { port "b"  network 10.2.0.0/24, 2001:db8:2::/64  address 10.2.0.1 }
| zone asp { port "d"  network 10.4.0.0/24, 2001:db8:4::/64  address 10.4.0.1 }
| zone internet { port "c"  network 0.0.0.0/0  address 203.0.113.1 }
| host gw-2 { zone lgwan  address 10.2.0.2  mac 02:00:5e:10:00:02 }
| host admin-pc { zone lgwan  address 10.2.0.40  mac 02:00:5e:10:00:40 }
| set clients { admin-pc, 10.2.0.64/26, 10.2.0.9, 10.2.0.10, 10.2.0.11, 2001:db8:2::/80 }
| set servers { 10.4.0.9, 10.4.0.128/25, 2001:db8:4::9 }
| service web { tcp port 80, 443, udp port 443 }
| permit web from clients to servers for "a" owner "b" approved "c" during mon, tue 08:30-17:15
| permit tcp port 443, icmp timestamp from 10.2.0.9 to servers for "a" owner "b" approved "c"
| permit web from 10.2.0.0/25 to 10.4.0.9 for "a" owner "b" approved "c" during fri 00:00-24:00
| permit udp port 5000 from lgwan to asp for "a" owner "b" approved "c" from 2026-12-01
| permit icmp echo from clients to asp for "a" owner "b" approved "c"
| local tcp port 22, icmp echo from admin-pc for "a" owner "b" approved "c"
| local vrrp from gw-2 for "a" owner "b" approved "c"
| local vrrp to lgwan for "a" owner "b" approved "c"
| local udp port 123 to 10.2.0.53 for "a" owner "b" approved "c" until 2026-11-01
| local icmp echo to gw-2 for "a" owner "b" approved "c"
tcp from admin-pc to 10.4.0.9:443 -> pass to asp rules:12
tcp from admin-pc to 10.4.0.200:443 -> drop rule-not-now rules:10
tcp from 10.2.0.9 to 10.4.0.200:443 -> pass to asp rules:11
tcp from 10.2.0.9 to 10.4.0.9:443 -> pass to asp rules:11
tcp from 10.2.0.9 to 10.4.0.9:80 -> pass to asp rules:12
udp from 10.2.0.70 to 10.4.0.9:443 -> pass to asp rules:12
udp from 10.2.0.12 to 10.4.0.200:443 -> drop service-not-listed
tcp from 10.2.0.130 to 10.4.0.9:443 -> drop service-not-listed
udp from 10.2.0.130 to 10.4.0.7:5000 -> drop rule-not-now rules:13
icmp from 10.2.0.9 to 10.4.0.9 -> pass to asp rules:14
icmp timestamp from 10.2.0.9 to 10.4.0.9 -> pass to asp rules:11
icmp timestamp from 10.2.0.10 to 10.4.0.9 -> drop service-not-listed
icmp from lgwan 2001:db8:2::5 to 2001:db8:4::1 -> pass to asp rules:14
tcp from lgwan [2001:db8:2::5]:40000 to [2001:db8:4::9]:443 -> drop rule-not-now rules:10

# the gateway itself
tcp from admin-pc to 10.2.0.1:22 -> relay rules:15
icmp from admin-pc to 10.2.0.1 -> relay rules:15
tcp from gw-2 to 10.2.0.1:22 -> drop gateway-port-closed
tcp from admin-pc mac 02:00:5e:10:00:41 to 10.2.0.1:22 -> drop mac-mismatch
tcp from admin-pc to 10.4.0.1:22 -> drop gateway-port-closed
vrrp from gw-2 to 224.0.0.18 -> relay rules:16
vrrp from gw-2 to 10.2.0.1 -> relay rules:16
vrrp from admin-pc to 224.0.0.18 -> drop gateway-port-closed
vrrp from gw-2 to 224.0.0.5 -> drop ip-multicast
vrrp from lgwan fe80::2 mac 02:00:5e:10:00:02 to ff02::12 -> relay rules:16
vrrp from lgwan fe80::2 mac 02:00:5e:10:00:40 to ff02::12 -> drop gateway-port-closed
vrrp from lgwan fe80::2 mac 02:00:5e:10:00:99 to ff02::12 -> drop source-not-of-zone
vrrp from asp fe80::2 mac 02:00:5e:10:00:02 to ff02::12 -> drop mac-mismatch
vrrp from lgwan fe80::2 mac 02:00:5e:10:00:02 to ff02::1 -> drop source-not-of-zone
vrrp from gateway to lgwan 224.0.0.18 -> relay rules:17
vrrp from gateway to asp 224.0.0.18 -> drop kernel-not-listed
udp from gateway to 10.2.0.53:123 -> drop rule-expired rules:18
icmp from gateway to gw-2 -> relay rules:19
icmp from gateway to admin-pc -> drop kernel-not-listed

# many are nobody's: neither multicast nor broadcast crosses zones, though 0.0.0.0/0 holds them
udp from admin-pc to 224.0.0.251:5353 -> drop ip-multicast
udp from admin-pc to 255.255.255.255:67 -> drop ip-multicast
udp from lgwan 2001:db8:2::5 to [ff02::fb]:5353 -> drop ip-multicast
udp from internet 198.51.100.7 to 224.0.0.251:5353 -> drop ip-multicast
