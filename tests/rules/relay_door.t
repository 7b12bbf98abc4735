# who may hand in mail, how fast, by which security
| zone mynumber { port "a"  network 10.1.0.0/24  address 10.1.0.1 }
| zone lgwan { port "b"  network 10.2.0.0/24  address 10.2.0.1 }
| zone internet { port "c"  network 10.3.0.0/24  address 10.3.0.1 }
| host mail-01 { zone lgwan  address 10.2.0.25 }
| host mx-01 { zone internet  address 10.3.0.9 }
| set mx { mx-01, 10.3.0.64/26 }

relay mail from internet to lgwan { greylist 60s tarpit 2 s limit 20 errors per session limit 300 connections tls offered certificate "/c" key "/k" proxy from mx-01 senders "*@a.example", "B@b.example" accept from mx, 10.3.0.10 recipients "*@town.example.lg.jp" next-hop 10.2.0.25 for "a" owner "b" approved "c" };ok;relay mail from internet to lgwan { recipients "*@town.example.lg.jp" next-hop 10.2.0.25 accept from mx, 10.3.0.10 senders "*@a.example", "B@b.example" proxy from mx-01 tls offered certificate "/c" key "/k" limit 20 errors per session limit 300 connections tarpit 2 s greylist 60 s for "a"  owner "b"  approved "c" }
relay mail from internet to lgwan { recipients "*@a.example" next-hop 10.2.0.25 tls required certificate "/c" key "/k" client-ca "/ca" limit 10 connections per source limit 50 connections per net limit 120 connections per minute per source limit 60 mails per minute per source limit 600 recipients per minute per source limit 50 recipients per mail for "a" owner "b" approved "c" };ok;relay mail from internet to lgwan { recipients "*@a.example" next-hop 10.2.0.25 tls required certificate "/c" key "/k" client-ca "/ca" limit 10 connections per source limit 50 connections per net limit 120 connections per minute per source limit 60 mails per minute per source limit 600 recipients per minute per source limit 50 recipients per mail for "a"  owner "b"  approved "c" }

# M1: who stands where
relay mail from internet to lgwan { recipients "*@a.example" next-hop 10.2.0.25 accept from mail-01 for "a" owner "b" approved "c" };error;'mail-01' is not in zone 'internet' (M1)
relay mail from internet to lgwan { recipients "*@a.example" next-hop 10.2.0.25 proxy from lgwan for "a" owner "b" approved "c" };error;'lgwan' is not in zone 'internet' (M1)
relay mail from internet to lgwan { recipients "*@a.example" next-hop 10.2.0.25 accept from nobody for "a" owner "b" approved "c" };error;no host or zone 'nobody'
relay mail from internet to lgwan { recipients "*@a.example" next-hop 10.2.0.25 accept mx-01 for "a" owner "b" approved "c" };error;expected 'from', found 'mx-01'
relay mail from internet to lgwan { recipients "*@a.example" next-hop 10.2.0.25 accept from mx-01 accept from mx for "a" owner "b" approved "c" };error;second 'accept'
relay mail from internet to lgwan { recipients "*@a.example" next-hop 10.2.0.25 senders "*" for "a" owner "b" approved "c" };error;"*" is no sender
relay mail from internet to lgwan { recipients "*@a.example" next-hop 10.2.0.25 senders "a.example" for "a" owner "b" approved "c" };error;"a.example" is no sender

# TLS
relay mail from internet to lgwan { recipients "*@a.example" next-hop 10.2.0.25 tls for "a" owner "b" approved "c" };error;expected 'offered' or 'required', found 'for'
relay mail from internet to lgwan { recipients "*@a.example" next-hop 10.2.0.25 tls offered key "/k" for "a" owner "b" approved "c" };error;expected 'certificate', found 'key'
relay mail from internet to lgwan { recipients "*@a.example" next-hop 10.2.0.25 tls offered certificate "/c" for "a" owner "b" approved "c" };error;expected 'key', found 'for'
relay mail from internet to lgwan { recipients "*@a.example" next-hop 10.2.0.25 tls offered certificate "c.pem" key "/k" for "a" owner "b" approved "c" };error;this is not the whole path of a file
relay mail from internet to lgwan { recipients "*@a.example" next-hop 10.2.0.25 tls offered certificate "/c" key "/k" client-ca "/ca" for "a" owner "b" approved "c" };error;who is asked for a certificate must not get by without TLS

# Z8
relay mail from internet to lgwan { recipients "*@a.example" next-hop 10.2.0.25 limit 0 connections for "a" owner "b" approved "c" };error;out of range
relay mail from internet to lgwan { recipients "*@a.example" next-hop 10.2.0.25 limit 1501 connections for "a" owner "b" approved "c" };error;out of range
relay mail from internet to lgwan { recipients "*@a.example" next-hop 10.2.0.25 limit 5 connections limit 6 connections for "a" owner "b" approved "c" };error;a second limit of this kind
relay mail from internet to lgwan { recipients "*@a.example" next-hop 10.2.0.25 limit 5 mails for "a" owner "b" approved "c" };error;expected 'per minute', found 'for'
relay mail from internet to lgwan { recipients "*@a.example" next-hop 10.2.0.25 limit 5 connections per minute for "a" owner "b" approved "c" };error;expected 'per source', found 'for'
relay mail from internet to lgwan { recipients "*@a.example" next-hop 10.2.0.25 limit 5 connections per minute per net for "a" owner "b" approved "c" };error;expected 'per source', found 'per'
relay mail from internet to lgwan { recipients "*@a.example" next-hop 10.2.0.25 limit 5 connections per minute per source limit 6 connections per minute per source for "a" owner "b" approved "c" };error;a second limit of this kind
relay mail from internet to lgwan { recipients "*@a.example" next-hop 10.2.0.25 limit 1000001 connections per minute per source for "a" owner "b" approved "c" };error;out of range
relay mail from internet to lgwan { recipients "*@a.example" next-hop 10.2.0.25 limit 5 recipients per minute for "a" owner "b" approved "c" };error;expected 'per source', found 'for'
relay mail from internet to lgwan { recipients "*@a.example" next-hop 10.2.0.25 limit 5 cows for "a" owner "b" approved "c" };error;expected 'connections', 'mails', 'recipients' or 'errors', found 'cows'
relay mail from internet to lgwan { recipients "*@a.example" next-hop 10.2.0.25 tarpit 61 s for "a" owner "b" approved "c" };error;out of range
relay mail from internet to lgwan { recipients "*@a.example" next-hop 10.2.0.25 greylist 2 s greylist 3 s for "a" owner "b" approved "c" };error;second 'greylist'
