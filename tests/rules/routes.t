# Of a relay: next hops, their limits and security, patience, and who is told
| zone mynumber { port "a"  network 10.1.0.0/24  address 10.1.0.1 }
| zone lgwan { port "b"  network 10.2.0.0/24  address 10.2.0.1 }
| zone internet { port "c"  network 10.3.0.0/24  address 10.3.0.1 }
| host mail-01 { zone lgwan  address 10.2.0.25 }
| host tax-01 { zone mynumber  address 10.1.0.11  mac 02:00:5e:10:00:01 }
| host tax-02 { zone mynumber  address 10.1.0.12 }
| relay mail back from internet to lgwan { recipients "*@town.example.lg.jp" next-hop 10.2.0.25 listen port 26 for "a" owner "b" approved "c" }

# several next hops
relay mail r from lgwan to internet { next-hop 10.3.0.26 backup recipients "*@b.example" next-hop 10.3.0.25 weight 3 for "a" owner "b" approved "c" };ok;relay mail r from lgwan to internet { recipients "*@b.example" next-hop 10.3.0.26 backup next-hop 10.3.0.25 weight 3 for "a"  owner "b"  approved "c" }
relay mail r from lgwan to internet { recipients "*@b.example" next-hop 10.3.0.25 port 2525 weight 3 backup next-hop 10.3.0.25 for "a" owner "b" approved "c" };ok;relay mail r from lgwan to internet { recipients "*@b.example" next-hop 10.3.0.25 port 2525 weight 3 backup next-hop 10.3.0.25 for "a"  owner "b"  approved "c" }
relay mail r from lgwan to internet { recipients "*@b.example" next-hop 10.3.0.25 next-hop 10.3.0.25 port 25 for "a" owner "b" approved "c" };error;this next hop is named already
relay mail r from lgwan to internet { recipients "*@b.example" next-hop 10.3.0.25 backup for "a" owner "b" approved "c" };error;every next hop is a backup
relay mail r from lgwan to internet { recipients "*@b.example" next-hop 10.3.0.25 weight 0 for "a" owner "b" approved "c" };error;out of range
relay mail r from lgwan to internet { recipients "*@b.example" next-hop 10.3.0.25 next-hop 10.2.0.25 for "a" owner "b" approved "c" };error;the next hop is not in zone 'internet' (Z4)
relay mail r from lgwan to mynumber { recipients "*@b.example" next-hop tax-01 next-hop tax-02 for "a" owner "b" approved "c" until 2027-03-31 };error;a relay into zone 'mynumber' needs a next hop with listed address and MAC (Z3)

# limits of each
relay mail r from lgwan to internet { recipients "*@b.example" next-hop 10.3.0.25 next-hop-limit 8 connections next-hop-limit 100 mails per connection next-hop-limit 600 mails per minute for "a" owner "b" approved "c" };ok;relay mail r from lgwan to internet { recipients "*@b.example" next-hop 10.3.0.25 next-hop-limit 8 connections next-hop-limit 100 mails per connection next-hop-limit 600 mails per minute for "a"  owner "b"  approved "c" }
relay mail r from lgwan to internet { recipients "*@b.example" next-hop 10.3.0.25 next-hop-limit 8 connections next-hop-limit 9 connections for "a" owner "b" approved "c" };error;a second limit of this kind
relay mail r from lgwan to internet { recipients "*@b.example" next-hop 10.3.0.25 next-hop-limit 101 connections for "a" owner "b" approved "c" };error;out of range
relay mail r from lgwan to internet { recipients "*@b.example" next-hop 10.3.0.25 next-hop-limit 5 mails for "a" owner "b" approved "c" };error;expected 'connections', 'mails per connection' or 'mails per minute', found 'for'

# TLS and login
relay mail r from lgwan to internet { recipients "*@b.example" next-hop 10.3.0.25 next-hop-tls offered for "a" owner "b" approved "c" };ok;relay mail r from lgwan to internet { recipients "*@b.example" next-hop 10.3.0.25 next-hop-tls offered for "a"  owner "b"  approved "c" }
relay mail r from lgwan to internet { recipients "*@b.example" next-hop 10.3.0.25 next-hop-login "gw" password "/etc/sekisho/p" next-hop-tls required pin "sha256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=" for "a" owner "b" approved "c" };ok;relay mail r from lgwan to internet { recipients "*@b.example" next-hop 10.3.0.25 next-hop-tls required pin "sha256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=" next-hop-login "gw" password "/etc/sekisho/p" for "a"  owner "b"  approved "c" }
relay mail r from lgwan to internet { recipients "*@b.example" next-hop 10.3.0.25 next-hop-tls required for "a" owner "b" approved "c" };warning;whose certificate it is is not asked
relay mail r from lgwan to internet { recipients "*@b.example" next-hop 10.3.0.25 next-hop-tls maybe for "a" owner "b" approved "c" };error;expected off, offered or required, found 'maybe'
relay mail r from lgwan to internet { recipients "*@b.example" next-hop 10.3.0.25 next-hop-tls offered pin "sha256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=" for "a" owner "b" approved "c" };error;a certificate shows nothing where TLS may be left out
relay mail r from lgwan to internet { recipients "*@b.example" next-hop 10.3.0.25 next-hop-tls required pin "sha256:47DE" for "a" owner "b" approved "c" };error;"sha256:47DE" is no pin
relay mail r from lgwan to internet { recipients "*@b.example" next-hop 10.3.0.25 next-hop-tls required pin "sha256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFV=" for "a" owner "b" approved "c" };error;"sha256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFV=" is no pin
relay mail r from lgwan to internet { recipients "*@b.example" next-hop 10.3.0.25 next-hop-tls required authority "ca.pem" for "a" owner "b" approved "c" };error;this is not the whole path of a file
relay mail r from lgwan to internet { recipients "*@b.example" next-hop 10.3.0.25 next-hop-tls required authority "/ca.pem" for "a" owner "b" approved "c" };error;this file was not read
relay mail r from lgwan to internet { recipients "*@b.example" next-hop 10.3.0.25 next-hop-tls required pin "sha256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=" name "x" for "a" owner "b" approved "c" };error;a name needs an authority that vouches for it
relay mail r from lgwan to internet { recipients "*@b.example" next-hop 10.3.0.25 next-hop-login "gw" password "/p" for "a" owner "b" approved "c" };error;a password goes only to a server that has shown who it is
relay mail r from lgwan to internet { recipients "*@b.example" next-hop 10.3.0.25 next-hop-login "gw" password "/p" next-hop-tls required for "a" owner "b" approved "c" };error;a password goes only to a server that has shown who it is
relay mail r from lgwan to internet { recipients "*@b.example" next-hop 10.3.0.25 next-hop-login "gw" for "a" owner "b" approved "c" };error;expected 'password', found 'for'

# patience, and who is told
relay mail r from lgwan to internet { recipients "*@b.example" next-hop 10.3.0.25 bounce to "*@Town.example.lg.jp" delay notice after 4 hours retry for 5 days for "a" owner "b" approved "c" };ok;relay mail r from lgwan to internet { recipients "*@b.example" next-hop 10.3.0.25 retry for 5 days delay notice after 4 hours bounce to "*@Town.example.lg.jp" for "a"  owner "b"  approved "c" }
relay mail r from lgwan to internet { recipients "*@b.example" next-hop 10.3.0.25 bounce to "a@town.example.lg.jp" for "a" owner "b" approved "c" };ok;relay mail r from lgwan to internet { recipients "*@b.example" next-hop 10.3.0.25 bounce to "a@town.example.lg.jp" for "a"  owner "b"  approved "c" }
relay mail r from lgwan to internet { recipients "*@b.example" next-hop 10.3.0.25 bounce to "*@other.example" for "a" owner "b" approved "c" };error;no relay takes mail to "*@other.example" from zone 'internet' to zone 'lgwan'
relay mail r from internet to lgwan { recipients "*@b.example" next-hop 10.2.0.25 bounce to "*@town.example.lg.jp" for "a" owner "b" approved "c" };error;senders outside are not told of failures
relay mail r from lgwan to internet { recipients "*@b.example" next-hop 10.3.0.25 bounce to "*" for "a" owner "b" approved "c" };error;this would relay to anybody (M1)
relay mail r from lgwan to internet { recipients "*@b.example" next-hop 10.3.0.25 delay notice after 4 hours for "a" owner "b" approved "c" };error;nobody is told of a delay
relay mail r from lgwan to internet { recipients "*@b.example" next-hop 10.3.0.25 retry for 2 hours delay notice after 2 hours bounce to "*@town.example.lg.jp" for "a" owner "b" approved "c" };error;out of range
relay mail r from lgwan to internet { recipients "*@b.example" next-hop 10.3.0.25 retry for 31 days for "a" owner "b" approved "c" };error;out of range
relay mail r from lgwan to internet { recipients "*@b.example" next-hop 10.3.0.25 retry for 5 weeks for "a" owner "b" approved "c" };error;'5 weeks' is not a time
relay mail r from lgwan to internet { recipients "*@b.example" next-hop 10.3.0.25 for "a" owner "b" approved "c" retry after 1 minute at least every 30 minutes for 2 days };ok;relay mail r from lgwan to internet { recipients "*@b.example" next-hop 10.3.0.25 retry after 1 minute at least every 30 minutes for 2 days for "a"  owner "b"  approved "c" }
relay mail r from lgwan to internet { recipients "*@b.example" next-hop 10.3.0.25 retry after 30 s for "a" owner "b" approved "c" };ok;relay mail r from lgwan to internet { recipients "*@b.example" next-hop 10.3.0.25 retry after 30 s for "a"  owner "b"  approved "c" }
relay mail r from lgwan to internet { recipients "*@b.example" next-hop 10.3.0.25 retry at least every 2 hours for 90 minutes for "a" owner "b" approved "c" };error;so long a mail is not tried at all
relay mail r from lgwan to internet { recipients "*@b.example" next-hop 10.3.0.25 retry after 1 hour for 1 hour for "a" owner "b" approved "c" };error;so long a mail is not tried at all
relay mail r from lgwan to internet { recipients "*@b.example" next-hop 10.3.0.25 retry after 10 minutes at least every 9 minutes for "a" owner "b" approved "c" };error;the longest wait is shorter than the first one
relay mail r from lgwan to internet { recipients "*@b.example" next-hop 10.3.0.25 retry after 0 s for "a" owner "b" approved "c" };error;out of range
relay mail r from lgwan to internet { recipients "*@b.example" next-hop 10.3.0.25 retry after 2 hours for "a" owner "b" approved "c" };error;out of range
relay mail r from lgwan to internet { recipients "*@b.example" next-hop 10.3.0.25 retry at least every 30 s for "a" owner "b" approved "c" };error;out of range
relay mail r from lgwan to internet { recipients "*@b.example" next-hop 10.3.0.25 retry for 4 minutes for "a" owner "b" approved "c" };error;out of range
relay mail r from lgwan to internet { recipients "*@b.example" next-hop 10.3.0.25 retry for "a" owner "b" approved "c" };error;expected a time: 'after', 'at least every' or 'for', found 'for'
relay mail r from lgwan to internet { recipients "*@b.example" next-hop 10.3.0.25 retry for 5 days after 1 minute for "a" owner "b" approved "c" };error;expected 'after', 'at least every' and 'for' in this order, found 'after'
relay mail r from lgwan to internet { recipients "*@b.example" next-hop 10.3.0.25 retry at most every 1 hour for "a" owner "b" approved "c" };error;expected 'least', found 'most'
relay mail r from lgwan to internet { recipients "*@b.example" next-hop 10.3.0.25 retry after 1 day for "a" owner "b" approved "c" };error;'1 day' is not a time
relay mail r from lgwan to internet { recipients "*@b.example" next-hop 10.3.0.25 retry for 2 days retry after 1 minute for "a" owner "b" approved "c" };error;second 'retry'
relay mail r from lgwan to internet { recipients "*@b.example" next-hop 10.3.0.25 bounce to "*@town.example.lg.jp" retry for 1 hour delay notice after 15 minutes for "a" owner "b" approved "c" };ok;relay mail r from lgwan to internet { recipients "*@b.example" next-hop 10.3.0.25 retry for 1 hour delay notice after 15 minutes bounce to "*@town.example.lg.jp" for "a"  owner "b"  approved "c" }
relay mail r from lgwan to internet { recipients "*@b.example" next-hop 10.3.0.25 delay after 5 hours for "a" owner "b" approved "c" };error;expected 'notice', found 'after'
