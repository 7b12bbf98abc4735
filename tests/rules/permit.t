# permit tcp|udp [port N[, N | N-M]] | icmp echo  from END[, END]  to END[, END]  for owner approved until
| zone mynumber { port "a"  network 10.1.0.0/24  address 10.1.0.1 }
| zone lgwan { port "b"  network 10.2.0.0/24  address 10.2.0.1 }
| zone asp { port "d"  network 10.4.0.0/24, 2001:db8::/64  address 10.4.0.1 }
| zone internet { port "c"  network 10.3.0.0/24  address 10.3.0.1 }
| host tax-01 { zone mynumber  address 10.1.0.11  mac 02:00:5e:10:00:01 }
| host tax-02 { zone mynumber  address 10.1.0.12 }
| host eltax { zone lgwan  address 10.2.0.40  mac 02:00:5e:10:00:02 }
| host dns { zone lgwan  address 10.2.0.53 }
| host asp-01 { zone asp  address 10.4.0.9 }
| host web { zone internet  address 10.3.0.9  mac 02:00:5e:10:00:03 }

# between zones that are neither closed nor outside
permit tcp port 443 from dns to asp-01 for "a"  owner "b"  approved "c";ok
permit tcp port 443, 8000-8010, 80 from dns, eltax to asp-01, 10.4.0.128/25 for "a"  owner "b"  approved "c"  until 2027-03-31;ok
permit tcp from lgwan to asp for "a"  owner "b"  approved "c";ok
permit udp port 53 from asp to 10.2.0.53 for "a"  owner "b"  approved "c";ok
permit icmp echo from lgwan to asp for "a"  owner "b"  approved "c";ok
permit tcp port 8000 - 8010 from dns to asp-01 approved "c" owner "b" for "a";ok;permit tcp port 8000-8010 from dns to asp-01 for "a"  owner "b"  approved "c"
permit tcp port 443 from dns to asp-01 for "q\"u\\"  owner "b"  approved "c";ok

# Z3: into a closed zone only host to host with MAC, protocol and port, and to an end (Z7)
permit tcp port 443 from tax-01 to eltax for "a"  owner "b"  approved "c"  until 2027-03-31;ok
permit udp port 123 from tax-01 to eltax for "a"  owner "b"  approved "c"  until 2027-03-31;ok
permit tcp port 443 from eltax to tax-01 for "a"  owner "b"  approved "c"  until 2027-03-31;ok
permit tcp port 443 from 10.1.0.11 to eltax for "a"  owner "b"  approved "c"  until 2027-03-31;ok
permit tcp port 443 from tax-02 to eltax for "a" owner "b" approved "c" until 2027-03-31;error;an exception with zone 'mynumber' must name a MAC address; host 'tax-02' has none (Z3)
permit tcp port 443 from tax-01 to dns for "a" owner "b" approved "c" until 2027-03-31;error;an exception with zone 'mynumber' must name a MAC address; host 'dns' has none (Z3)
permit tcp port 443 from tax-01 to lgwan for "a" owner "b" approved "c" until 2027-03-31;error;an exception with zone 'mynumber' must name a listed host, not lgwan (Z3)
permit tcp port 443 from mynumber to eltax for "a" owner "b" approved "c" until 2027-03-31;error;an exception with zone 'mynumber' must name a listed host, not mynumber (Z3)
permit tcp port 443 from 10.1.0.13 to eltax for "a" owner "b" approved "c" until 2027-03-31;error;an exception with zone 'mynumber' must name a listed host, not 10.1.0.13 (Z3)
permit tcp port 443 from 10.1.0.0/25 to eltax for "a" owner "b" approved "c" until 2027-03-31;error;an exception with zone 'mynumber' must name a listed host, not 10.1.0.0/25 (Z3)
permit tcp port 443 from dns, tax-02 to asp-01 for "a" owner "b" approved "c" until 2027-03-31;error;an exception with zone 'mynumber' must name a MAC address; host 'dns' has none (Z3)
permit tcp from tax-01 to eltax for "a" owner "b" approved "c" until 2027-03-31;error;an exception with zone 'mynumber' must name its port (Z3)
permit tcp port 1-65535 from tax-01 to eltax for "a" owner "b" approved "c" until 2027-03-31;error;an exception with zone 'mynumber' names 65535 ports (Z3)
permit icmp echo from tax-01 to eltax for "a" owner "b" approved "c" until 2027-03-31;error;an exception with zone 'mynumber' must name tcp or udp and a port (Z3)
permit tcp port 443 from tax-01 to eltax for "a" owner "b" approved "c";error;an exception with zone 'mynumber' must end some day (Z7)
permit tcp port 443 from web to tax-01 for "a" owner "b" approved "c" until 2027-03-31;error;no rule can join zone 'mynumber' to 'internet' (Z3)
permit tcp port 443 from tax-01 to web for "a" owner "b" approved "c" until 2027-03-31;error;no rule can join zone 'mynumber' to 'internet' (Z3)
permit tcp port 443 from eltax to tax-01, web for "a" owner "b" approved "c" until 2027-03-31;error;no packet crosses between 'lgwan' and 'internet' (Z4)

# Z4: no packet between the outside and anything
permit tcp port 443 from dns to web for "a" owner "b" approved "c";error;no packet crosses between 'lgwan' and 'internet' (Z4)
permit tcp port 25 from internet to dns for "a" owner "b" approved "c";error;no packet crosses between 'internet' and 'lgwan' (Z4)
permit icmp echo from asp to internet for "a" owner "b" approved "c";error;no packet crosses between 'asp' and 'internet' (Z4)

# Z7: the ledger
permit tcp port 443 from dns to asp-01;error;permit without 'for', 'owner', 'approved' (Z7)
permit tcp port 443 from dns to asp-01 for "a" owner "b";error;permit without 'approved' (Z7)
permit tcp port 443 from dns to asp-01 for " " owner "b" approved "c";error;'for' says nothing (Z7)
permit tcp port 443 from dns to asp-01 for "a" owner "b" approved "c" until 2026-11-19;warning;expired on 2026-11-19: it passes nothing (Z7)
permit tcp port 443 from dns to asp-01 for "a"  owner "b"  approved "c"  until 2026-11-20;ok
permit tcp port 443 from dns to asp-01 for "a" owner "b" approved "c" until 2027-02-29;error;'2027-02-29' is no date
permit tcp port 443 from dns to asp-01 for "a" owner "b" approved "c" until 2027/03/31;error;'2027/03/31' is no date
permit tcp port 443 from dns to asp-01 for "a" for "b" owner "b" approved "c";error;second 'for'

# ends
permit tcp port 443 from dns to nobody for "a" owner "b" approved "c";error;no host or zone 'nobody'
permit tcp port 443 from dns to eltax for "a" owner "b" approved "c";error;both ends are in zone 'lgwan': this traffic never meets the gateway
permit tcp port 443 from dns to 192.0.2.1 for "a" owner "b" approved "c";error;192.0.2.1 lies in no zone
permit tcp port 443 from dns to 10.4.0.0/16 for "a" owner "b" approved "c";error;10.4.0.0/16 lies in no zone
permit tcp port 443 from dns to 10.4.0.1/24 for "a" owner "b" approved "c";error;'10.4.0.1/24' is no host, zone, network or address

# words
permit tcp port 0 from dns to asp-01 for "a" owner "b" approved "c";error;'0' is no port
permit tcp port 65536 from dns to asp-01 for "a" owner "b" approved "c";error;'65536' is no port
permit tcp port 90-80 from dns to asp-01 for "a" owner "b" approved "c";error;a port range runs backwards
permit tcp port https from dns to asp-01 for "a" owner "b" approved "c";error;'https' is no port
permit sctp port 80 from dns to asp-01 for "a" owner "b" approved "c";error;expected a protocol, found 'sctp'
permit icmp from dns to asp-01 for "a" owner "b" approved "c";error;expected 'echo', found 'from'
permit tcp port 80 to asp-01 for "a" owner "b" approved "c";error;expected 'from', found 'to'
permit tcp port 80 from dns for "a" owner "b" approved "c";error;expected 'to', found 'for'
permit tcp port 80 from dns to asp-01 for a owner "b" approved "c";error;expected a text between " and ", found 'a'
permit tcp port 80 from dns to asp-01 for "a" owner "b" approved "c" always;error;'always' does not belong to a permit
deny tcp port 80 from dns to asp-01;error;there is no 'deny'
permit;error;expected a protocol after 'permit'
