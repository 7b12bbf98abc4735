# What a relay says of the mails it takes: M2, M5, M6, M7, M11, X4
| zone mynumber { port "a"  network 10.1.0.0/24  address 10.1.0.1  closed }
| zone lgwan { port "b"  network 10.2.0.0/24  address 10.2.0.1 }
| zone internet { port "c"  network 10.3.0.0/24  address 10.3.0.1  outside }
| zone quiet { port "d"  network 10.4.0.0/24 }
| host dns-01 { zone lgwan  address 10.2.0.53 }
| relay mail back from internet to lgwan { recipients "*@town.example.lg.jp" next-hop 10.2.0.25 listen port 2600 for "a" owner "b" approved "c" }

relay mail out from lgwan to internet { authentication none unknown-senders ignore mass 20 mails per hour per client forwarding allow refuse network-storage, free-mail destinations "*@*.LG.jp", "a@b.example" recipients shown next-hop 10.3.0.25 for "a" owner "b" approved "c" };ok;relay mail out from lgwan to internet { recipients shown destinations "*@*.LG.jp", "a@b.example" next-hop 10.3.0.25 refuse network-storage, free-mail forwarding allow mass 20 mails per hour per client unknown-senders ignore authentication none for "a"  owner "b"  approved "c" }
relay mail in from internet to lgwan { recipients "*@a.example" recipients hidden next-hop 10.2.0.25 mass never unknown-senders mark authentication refuse resolver dns-01 port 5353 for "a" owner "b" approved "c" };ok;relay mail in from internet to lgwan { recipients "*@a.example" recipients hidden next-hop 10.2.0.25 mass never unknown-senders mark authentication refuse resolver dns-01 port 5353 for "a"  owner "b"  approved "c" }
relay mail out from lgwan to internet { destinations "*" mass 5 mails per minute per text mass 9 mails per hour per text next-hop 10.3.0.25 for "a" owner "b" approved "c" };ok;relay mail out from lgwan to internet { destinations "*" next-hop 10.3.0.25 mass 5 mails per minute per text mass 9 mails per hour per text for "a"  owner "b"  approved "c" }
relay mail near from lgwan to internet { recipients "*@near.example" next-hop 10.3.0.26 listen port 26 for "a" owner "b" approved "c" } relay mail out from lgwan to internet { destinations "*" next-hop 10.3.0.25 for "a" owner "b" approved "c" };ok;relay mail near from lgwan to internet { recipients "*@near.example" next-hop 10.3.0.26 listen port 26 for "a"  owner "b"  approved "c" } relay mail out from lgwan to internet { destinations "*" next-hop 10.3.0.25 for "a"  owner "b"  approved "c" }

# where mail may go (M7), never from outside to outside (M1)
relay mail in from internet to lgwan { destinations "*" next-hop 10.2.0.25 for "a" owner "b" approved "c" };error;only a relay from inside to an outside zone has destinations (M1)
relay mail in from internet to internet { destinations "*" next-hop 10.3.0.25 for "a" owner "b" approved "c" };error;only a relay from inside to an outside zone has destinations (M1)
relay mail out from lgwan to internet { destinations "lg.jp" next-hop 10.3.0.25 for "a" owner "b" approved "c" };error;"lg.jp" is no destination (M7)
relay mail out from lgwan to internet { destinations "*@*" next-hop 10.3.0.25 for "a" owner "b" approved "c" };error;"*@*" is no destination (M7)
relay mail out from lgwan to internet { destinations "a*@b.example" next-hop 10.3.0.25 for "a" owner "b" approved "c" };error;"a*@b.example" is no destination (M7)
relay mail o1 from lgwan to internet { destinations "*" next-hop 10.3.0.25 for "a" owner "b" approved "c" } relay mail o2 from lgwan to internet { destinations "*@a.example" listen port 26 next-hop 10.3.0.25 for "a" owner "b" approved "c" };error;a second relay with destinations from this zone
relay mail out from lgwan to internet { destinations "*" refuse freemail next-hop 10.3.0.25 for "a" owner "b" approved "c" };error;expected 'free-mail' or 'network-storage', found 'freemail'
relay mail out from lgwan to internet { destinations "*" refuse free-mail, free-mail next-hop 10.3.0.25 for "a" owner "b" approved "c" };error;second 'free-mail'
relay mail out from lgwan to internet { destinations "*" refuse free-mail "list.txt" next-hop 10.3.0.25 for "a" owner "b" approved "c" };error;this is not the whole path of a file (M7)
relay mail out from lgwan to internet { destinations "*" refuse free-mail "/etc/sekisho/mine.txt" next-hop 10.3.0.25 for "a" owner "b" approved "c" };error;this file was not read (M7)

# choices
relay mail out from lgwan to internet { destinations "*" forwarding maybe next-hop 10.3.0.25 for "a" owner "b" approved "c" };error;no such choice 'maybe'
relay mail out from lgwan to internet { destinations "*" recipients hidden recipients shown next-hop 10.3.0.25 for "a" owner "b" approved "c" };error;second 'recipients hidden'
relay mail in from internet to lgwan { recipients "*@a.example" unknown-senders refuse next-hop 10.2.0.25 for "a" owner "b" approved "c" };error;no such choice 'refuse'

# masses (M2)
relay mail out from lgwan to internet { destinations "*" mass 20 next-hop 10.3.0.25 for "a" owner "b" approved "c" };error;expected 'mails', found 'next-hop'
relay mail out from lgwan to internet { destinations "*" mass 20 mails per day per sender next-hop 10.3.0.25 for "a" owner "b" approved "c" };error;expected 'minute' or 'hour', found 'day'
relay mail out from lgwan to internet { destinations "*" mass 20 mails per hour next-hop 10.3.0.25 for "a" owner "b" approved "c" };error;expected 'per', found 'next-hop'
relay mail out from lgwan to internet { destinations "*" mass 20 mails per hour per person next-hop 10.3.0.25 for "a" owner "b" approved "c" };error;expected 'sender', 'client', 'relay' or 'text', found 'person'
relay mail out from lgwan to internet { destinations "*" mass 0 mails per hour per sender next-hop 10.3.0.25 for "a" owner "b" approved "c" };error;out of range
relay mail out from lgwan to internet { destinations "*" mass 1 mails per hour per sender mass 2 mails per hour per sender next-hop 10.3.0.25 for "a" owner "b" approved "c" };error;a second limit of this kind
relay mail out from lgwan to internet { destinations "*" mass never mass 2 mails per hour per sender next-hop 10.3.0.25 for "a" owner "b" approved "c" };error;'mass never' beside a limit (M2)

# the sender's domain (X4)
relay mail in from internet to lgwan { recipients "*@a.example" authentication tell next-hop 10.2.0.25 for "a" owner "b" approved "c" };error;nobody is named who answers for the sender's domain (X4)
relay mail in from internet to lgwan { recipients "*@a.example" authentication none resolver 10.2.0.53 next-hop 10.2.0.25 for "a" owner "b" approved "c" };error;nothing is asked of this resolver (X4)
relay mail in from internet to lgwan { recipients "*@a.example" authentication ask resolver 10.2.0.53 next-hop 10.2.0.25 for "a" owner "b" approved "c" };error;no such choice 'ask'
relay mail in from internet to lgwan { recipients "*@a.example" authentication tell resolver nobody next-hop 10.2.0.25 for "a" owner "b" approved "c" };error;'nobody' is no host and no address
relay mail in from internet to lgwan { recipients "*@a.example" authentication tell resolver 10.4.0.53 next-hop 10.2.0.25 for "a" owner "b" approved "c" };error;the gateway has no address in the resolver's zone (X4)
relay mail in from internet to lgwan { recipients "*@a.example" authentication tell resolver 10.1.0.53 next-hop 10.2.0.25 for "a" owner "b" approved "c" };error;no name of a sender is asked for in zone 'mynumber' (Z3)

# the gateway's own signature
relay mail out from lgwan to internet { destinations "*" sign dkim domain "Town.example" selector "s2026" key "/etc/sekisho/dkim.pem" next-hop 10.3.0.25 for "a" owner "b" approved "c" };ok;relay mail out from lgwan to internet { destinations "*" next-hop 10.3.0.25 sign dkim domain "Town.example" selector "s2026" key "/etc/sekisho/dkim.pem" for "a"  owner "b"  approved "c" }
relay mail out from lgwan to internet { destinations "*" sign dkim domain "town.example" key "/k" next-hop 10.3.0.25 for "a" owner "b" approved "c" };error;expected 'selector', found 'key'
relay mail out from lgwan to internet { destinations "*" sign dkim domain "town example" selector "s" key "/k" next-hop 10.3.0.25 for "a" owner "b" approved "c" };error;"town example" is no domain
relay mail out from lgwan to internet { destinations "*" sign dkim domain "town.example" selector "s_1" key "/k" next-hop 10.3.0.25 for "a" owner "b" approved "c" };error;"s_1" is no selector
relay mail out from lgwan to internet { destinations "*" sign dkim domain "town.example" selector "s1" key "k.pem" next-hop 10.3.0.25 for "a" owner "b" approved "c" };error;this is not the whole path of a file
