# set NAME { MEMBER, … } and service NAME { KIND, … }
| zone mynumber { port "a"  network 10.1.0.0/24  address 10.1.0.1 }
| zone lgwan { port "b"  network 10.2.0.0/24  address 10.2.0.1 }
| zone asp { port "d"  network 10.4.0.0/24, 2001:db8::/64  address 10.4.0.1 }
| zone internet { port "c"  network 10.3.0.0/24  address 10.3.0.1 }
| host tax-01 { zone mynumber  address 10.1.0.11  mac 02:00:5e:10:00:01 }
| host tax-02 { zone mynumber  address 10.1.0.12 }
| host eltax { zone lgwan  address 10.2.0.40  mac 02:00:5e:10:00:02 }
| host eltax-2 { zone lgwan  address 10.2.0.41  mac 02:00:5e:10:00:03 }
| host dns { zone lgwan  address 10.2.0.53 }
| set receivers { eltax, eltax-2 }
| set servers { eltax, dns, 10.2.0.128/25 }
| service web { tcp port 80, 443 }
| service odd { tcp, icmp echo }

set s { eltax, 10.2.0.128/25, 10.2.0.5 };ok
set s { eltax };ok
set s {eltax,dns,10.4.0.9};ok;set s { eltax, dns, 10.4.0.9 }
set s { aaaaaaaaaaaaaaaaaaaaaaaa, bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb, cccccccccccccccccccccccccccccccc };error;no host or zone 'aaaaaaaaaaaaaaaaaaaaaaaa'
set s { };error;expected a host, a network or an address, found '}'
set s { eltax, };error;expected a host, a network or an address, found '}'
set s { eltax dns };error;expected ',' or '}', found 'dns'
set s eltax;error;expected '{', found 'eltax'
set s { eltax;error;'{' is never closed
set s { lgwan };error;'lgwan' cannot be in a set
set s { servers };error;'servers' cannot be in a set
set s { web };error;'web' cannot be in a set
set s { nobody };error;no host or zone 'nobody'
set s { 192.0.2.1 };error;192.0.2.1 lies in no zone
set dns { eltax };error;'dns' is declared twice
set zone { eltax };error;'zone' is a word of the language

service s { tcp port 443, udp port 53, 54, icmp echo };ok
service s { tcp port 8000 - 8010, 443,udp };ok;service s { tcp port 8000-8010, 443, udp }
service s { };error;expected a protocol, found '}'
service s { https };error;expected a protocol, found 'https'
service s { vrrp };error;expected a protocol, found 'vrrp'
service s { web };error;expected a protocol, found 'web'
service s { icmp };error;expected 'echo', found '}'
service s { icmp unreachable };error;expected 'echo', found 'unreachable'
service s { tcp port 0 };error;'0' is no port

permit web from servers to asp for "a"  owner "b"  approved "c";ok
permit web, udp port 53, icmp timestamp from servers, 10.2.0.9 to asp for "a"  owner "b"  approved "c";ok
permit tcp port 80, 443, udp port 443, web from servers to asp for "a"  owner "b"  approved "c";ok
permit wbe from servers to asp for "a" owner "b" approved "c";error;no service 'wbe'
permit dns from servers to asp for "a" owner "b" approved "c";error;no service 'dns'
permit web port 80 from servers to asp for "a" owner "b" approved "c";error;expected a protocol, found 'web'
permit tcp port 80 from web to asp for "a" owner "b" approved "c";error;'web' is a service, not a host
permit tcp port 80 from server to asp for "a" owner "b" approved "c";error;no host or zone 'server'
permit vrrp from servers to asp for "a" owner "b" approved "c";error;expected a protocol, found 'vrrp'

# Z3 holds through sets and services, Z4 too
permit web from tax-01 to receivers for "a"  owner "b"  approved "c"  until 2027-03-31;ok
permit web from tax-01 to servers for "a" owner "b" approved "c" until 2027-03-31;error;an exception with zone 'mynumber' must name listed hosts with MAC; set 'servers' has another member (Z3)
permit odd from tax-01 to receivers for "a" owner "b" approved "c" until 2027-03-31;error;an exception with zone 'mynumber' must name its port (Z3)
permit web, icmp echo from tax-01 to receivers for "a" owner "b" approved "c" until 2027-03-31;error;an exception with zone 'mynumber' must name tcp or udp and a port (Z3)
permit web from tax-01 to receivers for "a" owner "b" approved "c";error;an exception with zone 'mynumber' must end some day (Z7)
permit web from servers to internet for "a" owner "b" approved "c";error;no packet crosses between 'lgwan' and 'internet' (Z4)
set both { tax-01, eltax } permit web from both to asp for "a" owner "b" approved "c" until 2027-03-31;error;an exception with zone 'mynumber' must name a listed host, not asp (Z3)
set both { eltax, 10.4.0.9 } permit web from both to asp for "a" owner "b" approved "c";error;both ends are in zone 'asp': this traffic never meets the gateway
