# zone NAME { port "…"  network CIDR …  address IP  closed  outside }

zone a { port "0000:05:00.0"  network 10.1.0.0/24 };ok
zone a { port "eth0"  network 10.1.0.0/24  address 10.1.0.1  closed };ok
zone a { closed address 10.1.0.1 network 10.1.0.0/24 port "x" };ok;zone a { port "x"  network 10.1.0.0/24  address 10.1.0.1  closed }
zone a { port "x"  network 10.1.0.0/24, 10.2.0.0/16  network 2001:0DB8::/32 };ok;zone a { port "x"  network 10.1.0.0/24, 10.2.0.0/16  network 2001:db8::/32 }
zone a { port "x"  network 10.1.0.0/24 } zone internet { port "y"  network 0.0.0.0/0 };ok
zone a { port "x"  network 10.1.0.0/31  address 10.1.0.0 };ok

zone a { port "x"  network 10.1.0.0/24  closed  outside };error;a zone cannot be both closed and outside (Z3)
zone mynumber { port "x"  network 10.1.0.0/24  outside };error;a zone cannot be both closed and outside (Z3)
zone offline { port "x"  network 10.1.0.0/24  outside };error;a zone cannot be both closed and outside (Z3)
zone internet { port "x"  network 10.1.0.0/24  closed };error;a zone cannot be both closed and outside (Z3)
zone a { network 10.1.0.0/24 };error;zone 'a' has no port
zone a { port "x" };error;zone 'a' has no network
zone a { port "x"  network 10.1.0.1/24 };error;'10.1.0.1/24' is no network
zone a { port "x"  network 10.1.0.0/33 };error;'10.1.0.0/33' is no network
zone a { port "x"  network 10.1.0.0/24  address 10.2.0.1 };error;the gateway's address is not in a network of zone 'a'
zone a { port "x"  network 10.1.0.0/24  address 10.1.0.255 };error;10.1.0.255 is the broadcast address of 10.1.0.0/24
zone a { port "x"  network 10.1.0.0/24, 10.1.0.0/16 };error;zone 'a' has 10.1.0.0/24 and 10.1.0.0/16, which overlap
zone a { port "x"  network 10.1.0.0/24 } zone b { port "y"  network 10.1.0.0/24 };error;zones 'a' and 'b' overlap: 10.1.0.0/24 and 10.1.0.0/24
zone a { port "x"  network 10.1.0.0/24 } zone b { port "y"  network 0.0.0.0/0 };error;zones 'a' and 'b' overlap: 10.1.0.0/24 and 0.0.0.0/0
zone a { port "x"  network 10.1.0.0/24 } zone b { port "x"  network 10.2.0.0/24 };error;two zones on one port (Z3)
zone a { port "x"  network 10.1.0.0/24 } zone a { port "y"  network 10.2.0.0/24 };error;'a' is declared twice
zone a { port ""  network 10.1.0.0/24 };error;a port is named by 1 to 63 printable ASCII characters
zone a { port eth0  network 10.1.0.0/24 };error;expected a text between " and ", found 'eth0'
zone a { port "x"  port "y"  network 10.1.0.0/24 };error;second 'port'
zone a { port "x"  network 10.1.0.0/24  shut };error;'shut' is not a word of a zone
zone thirteenchars { port "x"  network 10.1.0.0/24 };error;zone name of 13 characters; 12 at most
zone permit { port "x"  network 10.1.0.0/24 };error;'permit' is a word of the language
zone 1a { port "x"  network 10.1.0.0/24 };error;'1a' cannot be a name
zone a port "x"  network 10.1.0.0/24 };error;expected '{', found 'port'
zone a { port "x"  network 10.1.0.0/24;error;'{' is never closed
# nothing but a comment;error;no zone is declared
zone a { port "x"  network 10.1.0.0/24 } zone internet { port "y"  network 0.0.0.0/0  address 10.1.0.9 };error;the gateway's address is not in a network of zone 'internet'

# frames
zone a { port "x"  vlan 101  network 10.1.0.0/24 } zone b { port "x"  vlan 102  network 10.2.0.0/24 };ok
zone a { port "x"  vlan 200.101  network 10.1.0.0/24 } zone b { port "x"  vlan 200.102  network 10.2.0.0/24 };ok
zone a { network 10.1.0.0/24 fragments drop mtu 9000 port "x" };ok;zone a { port "x"  network 10.1.0.0/24  mtu 9000  fragments drop }
zone a { port "x"  vlan 0  network 10.1.0.0/24 };error;'0' is no VLAN
zone a { port "x"  vlan 4095  network 10.1.0.0/24 };error;'4095' is no VLAN
zone a { port "x"  vlan 1.2.3  network 10.1.0.0/24 };error;'1.2.3' is no VLAN
zone a { port "x"  vlan office  network 10.1.0.0/24 };error;'office' is no VLAN
zone a { port "x"  vlan 101  network 10.1.0.0/24 } zone b { port "x"  vlan 101  network 10.2.0.0/24 };error;two zones on one VLAN (Z3)
zone a { port "x"  vlan 101  network 10.1.0.0/24 } zone b { port "x"  vlan 101.5  network 10.2.0.0/24 };error;two zones on one VLAN (Z3)
zone a { port "x"  vlan 101  network 10.1.0.0/24 } zone b { port "x"  network 10.2.0.0/24 };error;two zones on one port (Z3)
zone a { port "x"  vlan 101  network 10.1.0.0/24  closed } zone internet { port "x"  vlan 102  network 10.2.0.0/24 };error;a closed zone and the outside on one port (Z3)
zone a { port "x"  mtu 575  network 10.1.0.0/24 };error;'575' is no MTU
zone a { port "x"  mtu 1279  network 2001:db8::/64 };error;'1279' is no MTU
zone a { port "x"  mtu 9217  network 10.1.0.0/24 };error;'9217' is no MTU
zone a { port "x"  fragments keep  network 10.1.0.0/24 };error;'keep' is nothing to do with fragments
