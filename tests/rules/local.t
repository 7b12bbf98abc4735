# local SERVICES from|to HOSTS: the gateway's own kernel
| zone mynumber { port "a"  network 10.1.0.0/24  address 10.1.0.1 }
| zone lgwan { port "b"  network 10.2.0.0/24  address 10.2.0.1 }
| zone asp { port "d"  network 10.4.0.0/24 }
| zone internet { port "c"  network 10.3.0.0/24  address 10.3.0.1 }
| host tax-01 { zone mynumber  address 10.1.0.11  mac 02:00:5e:10:00:01 }
| host tax-02 { zone mynumber  address 10.1.0.12 }
| host admin-pc { zone lgwan  address 10.2.0.40  mac 02:00:5e:10:00:02 }
| service console { tcp port 22, 443, icmp echo }

local tcp port 22 from admin-pc for "a"  owner "b"  approved "c";ok
local console from admin-pc, 10.2.0.64/26 for "a"  owner "b"  approved "c"  until 2027-03-31 during weekdays 08:30-17:15;ok
local udp port 123 to 10.2.0.5 for "a"  owner "b"  approved "c";ok
local vrrp from 10.2.0.2 for "a"  owner "b"  approved "c";ok
local vrrp to lgwan for "a"  owner "b"  approved "c";ok
local vrrp to mynumber, lgwan for "a"  owner "b"  approved "c";ok
local icmp echo from lgwan for "a"  owner "b"  approved "c";ok
local icmp echo from internet for "a"  owner "b"  approved "c";ok
local tcp port 22 from tax-01 for "a"  owner "b"  approved "c";ok
local tcp port 22 from 10.3.0.9 for "a"  owner "b"  approved "c";ok
local tcp port 22 from lgwan for "a" owner "b" approved "c";error;a local sentence names hosts, not the whole zone 'lgwan' (Z2)
local vrrp from lgwan for "a" owner "b" approved "c";error;a local sentence names hosts, not the whole zone 'lgwan' (Z2)
local udp port 514 to lgwan for "a" owner "b" approved "c";error;a local sentence names hosts, not the whole zone 'lgwan' (Z2)
local tcp from admin-pc for "a" owner "b" approved "c";error;what the gateway offers or asks for has a port (Z2)
local tcp port 22 from tax-02 for "a" owner "b" approved "c";error;what reaches the gateway from zone 'mynumber' must name a MAC address; host 'tax-02' has none (Z3)
local icmp echo from mynumber for "a" owner "b" approved "c";error;what reaches the gateway from zone 'mynumber' must name a listed host, not mynumber (Z3)
local udp port 514 to 10.1.0.99 for "a" owner "b" approved "c";error;what the gateway sends into zone 'mynumber' must name a listed host, not 10.1.0.99 (Z3)
local tcp port 22 from 10.4.0.9 for "a" owner "b" approved "c";error;the gateway has no address in zone 'asp'
local tcp port 22 from admin-pc to lgwan for "a" owner "b" approved "c";error;'to' does not belong to a local sentence
local tcp port 22 from admin-pc for "a" owner "b" approved "c" limit 10 connections;error;'limit' does not belong to a local sentence
local tcp port 22 from admin-pc;error;local sentence without 'for', 'owner', 'approved' (Z7)
local tcp port 22 admin-pc for "a" owner "b" approved "c";error;expected 'from', found 'admin-pc'
local ssh from admin-pc for "a" owner "b" approved "c";error;no service 'ssh'
local tcp port 22 from admin for "a" owner "b" approved "c";error;no host or zone 'admin'
