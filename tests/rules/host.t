# host NAME { zone Z  address IP  mac MAC }
| zone mynumber { port "a"  network 10.1.0.0/24  address 10.1.0.1 }
| zone lgwan { port "b"  network 10.2.0.0/24, 2001:db8::/64  address 10.2.0.1 }

host h { zone lgwan  address 10.2.0.40 };ok
host h { mac 02:00:5E:10:00:01 zone lgwan address 10.2.0.40 };ok;host h { zone lgwan  address 10.2.0.40  mac 02:00:5e:10:00:01 }
host h { zone lgwan  address 2001:DB8:0::1 };ok;host h { zone lgwan  address 2001:db8::1 }

host h { address 10.2.0.40 };error;host 'h' has no zone
host h { zone lgwan };error;host 'h' has no address
host h { zone lgvan  address 10.2.0.40 };error;no zone 'lgvan'
host h { zone lgwan  address 10.1.0.40 };error;10.1.0.40 is not in zone 'lgwan' (Z5)
host h { zone lgwan  address 192.0.2.1 };error;192.0.2.1 is not in zone 'lgwan' (Z5)
host h { zone lgwan  address 10.2.0.1 };error;10.2.0.1 is taken (Z5)
host h { zone lgwan  address 10.2.0.0 };error;10.2.0.0 is the network address of 10.2.0.0/24
host h { zone lgwan  address 10.2.0.256 };error;'10.2.0.256' is no IP address
host h { zone lgwan  address 10.2.0.40  mac 02:00:5e:10:00 };error;'02:00:5e:10:00' is no MAC address
host h { zone lgwan  address 10.2.0.40  mac 01:00:5e:10:00:01 };error;no device has this MAC address (Z5)
host h { zone lgwan  address 10.2.0.40  mac ff:ff:ff:ff:ff:ff };error;no device has this MAC address (Z5)
host h { zone lgwan  address 10.2.0.40  mac 00:00:00:00:00:00 };error;no device has this MAC address (Z5)
host h { zone lgwan  address 10.2.0.4 } host i { zone lgwan  address 10.2.0.4 };error;10.2.0.4 is taken (Z5)
host h { zone lgwan  address 10.2.0.4  mac 02:00:5e:10:00:01 } host i { zone lgwan  address 10.2.0.5  mac 02:00:5e:10:00:01 };error;02:00:5e:10:00:01 is taken (Z5)
host h { zone lgwan  address 10.2.0.4 } host h { zone lgwan  address 10.2.0.5 };error;'h' is declared twice
host lgwan { zone lgwan  address 10.2.0.4 };error;'lgwan' is declared twice
host h { zone h  address 10.2.0.4 };error;'h' is a host, not a zone
