# relay mail [NAME] from ZONE to ZONE { … }
| zone mynumber { port "a"  network 10.1.0.0/24  address 10.1.0.1 }
| zone lgwan { port "b"  network 10.2.0.0/24  address 10.2.0.1 }
| zone internet { port "c"  network 10.3.0.0/24  address 10.3.0.1 }
| zone quiet { port "d"  network 10.4.0.0/24 }
| host mail-01 { zone lgwan  address 10.2.0.25 }
| host tax-01 { zone mynumber  address 10.1.0.11  mac 02:00:5e:10:00:01 }
| host tax-02 { zone mynumber  address 10.1.0.12 }

relay mail from internet to lgwan { recipients "*@town.example.lg.jp" next-hop 10.2.0.25 for "a" owner "b" approved "c" };ok;relay mail from internet to lgwan { recipients "*@town.example.lg.jp" next-hop 10.2.0.25 for "a"  owner "b"  approved "c" }
relay mail in from internet to lgwan { attachment { any strip text text pdf image render encrypted hold } formulas values hidden remove tracked keep charset iso-2022-jp append text dpi 200 deadline 60s size 5MB body text listen port 2525 next-hop mail-01 port 10025 recipients "*@a.example", "B@c.example" for "a" owner "b" approved "c" until 2027-03-31 };ok;relay mail in from internet to lgwan { recipients "*@a.example", "B@c.example" next-hop mail-01 port 10025 listen port 2525 body text append text charset iso-2022-jp size 5 MB deadline 60 s dpi 200 tracked keep hidden remove formulas values attachment { pdf image render text text encrypted hold any strip } for "a"  owner "b"  approved "c"  until 2027-03-31 }
relay mail from internet to internet { recipients "*@a.example" next-hop 10.3.0.25 for "a" owner "b" approved "c" };ok;relay mail from internet to internet { recipients "*@a.example" next-hop 10.3.0.25 for "a"  owner "b"  approved "c" }
# of whom mail leaves is known from the way back, or said, or of no concern (M1, M5)
relay mail from lgwan to internet { recipients "*@a.example" next-hop 10.3.0.25 for "a" owner "b" approved "c" };warning;mail of any sender leaves here, forwarded mail too: the rules name no domain of the own side (M5)
relay mail from lgwan to internet { recipients "*@a.example" next-hop 10.3.0.25 forwarding allow for "a" owner "b" approved "c" };ok;relay mail from lgwan to internet { recipients "*@a.example" next-hop 10.3.0.25 forwarding allow for "a"  owner "b"  approved "c" }
relay mail from lgwan to internet { senders "a@b.example" recipients "*@a.example" next-hop 10.3.0.25 for "a" owner "b" approved "c" };ok;relay mail from lgwan to internet { recipients "*@a.example" next-hop 10.3.0.25 senders "a@b.example" for "a"  owner "b"  approved "c" }
relay mail from lgwan to internet { recipients "*@a.example" next-hop 10.3.0.25 for "a" owner "b" approved "c" } relay mail from internet to lgwan { recipients "a@b.example" next-hop 10.2.0.25 for "a" owner "b" approved "c" };warning;mail of any sender leaves here, forwarded mail too: the rules name no domain of the own side (M5)
relay mail from lgwan to internet { recipients "*@a.example" next-hop 10.3.0.25 for "a" owner "b" approved "c" } relay mail from internet to lgwan { recipients "*@b.example" next-hop 10.2.0.25 for "a" owner "b" approved "c" };ok;relay mail from lgwan to internet { recipients "*@a.example" next-hop 10.3.0.25 for "a"  owner "b"  approved "c" } relay mail from internet to lgwan { recipients "*@b.example" next-hop 10.2.0.25 for "a"  owner "b"  approved "c" }
relay mail from lgwan to mynumber { recipients "*@a.example" next-hop tax-01 for "a" owner "b" approved "c" until 2027-03-31 };ok;relay mail from lgwan to mynumber { recipients "*@a.example" next-hop tax-01 for "a"  owner "b"  approved "c"  until 2027-03-31 }

relay mail from internet to moon { recipients "*" next-hop 10.2.0.25 for "a" owner "b" approved "c" };error;no zone 'moon'
relay mail from internet to lgwan { recipients "*@a.example" next-hop 10.2.0.25 attachment { any strip } scan "/run/clamav/clamd.ctl" definitions 5 days for "a" owner "b" approved "c" };ok;relay mail from internet to lgwan { recipients "*@a.example" next-hop 10.2.0.25 scan "/run/clamav/clamd.ctl" definitions 5 days attachment { any strip } for "a"  owner "b"  approved "c" }
relay mail from internet to lgwan { recipients "*@a.example" next-hop 10.2.0.25 scan "clamd.ctl" for "a" owner "b" approved "c" };error;this is not the whole path of a socket (H5)
relay mail from internet to lgwan { recipients "*@a.example" next-hop 10.2.0.25 scan clamd for "a" owner "b" approved "c" };error;expected a text between " and ", found 'clamd'
relay mail from internet to lgwan { recipients "*@a.example" next-hop 10.2.0.25 scan "/c" definitions 366 days for "a" owner "b" approved "c" };error;out of range
relay mail from internet to lgwan { recipients "*@a.example" next-hop 10.2.0.25 scan "/c" definitions 3 weeks for "a" owner "b" approved "c" };error;'3 weeks' is not an age
relay mail from internet to lgwan { recipients "*@a.example" next-hop 10.2.0.25 scan "/c" scan "/d" for "a" owner "b" approved "c" };error;second 'scan'

# H2, X5: the hold
relay mail from internet to lgwan { recipients "*@a.example" next-hop 10.2.0.25 release original by "tanaka","suzuki.k" attachment { any hold } hold for 90 days at most 10GB for "a" owner "b" approved "c" };ok;relay mail from internet to lgwan { recipients "*@a.example" next-hop 10.2.0.25 attachment { any hold } hold for 90 days at most 10 GB release original by "tanaka", "suzuki.k" for "a"  owner "b"  approved "c" }
relay mail from internet to lgwan { recipients "*@a.example" next-hop 10.2.0.25 hold for 1 day for "a" owner "b" approved "c" };ok;relay mail from internet to lgwan { recipients "*@a.example" next-hop 10.2.0.25 hold for 1 day for "a"  owner "b"  approved "c" }
relay mail from internet to lgwan { recipients "*@a.example" next-hop 10.2.0.25 hold at most 500 MB for "a" owner "b" approved "c" };ok;relay mail from internet to lgwan { recipients "*@a.example" next-hop 10.2.0.25 hold at most 500 MB for "a"  owner "b"  approved "c" }
relay mail from internet to lgwan { recipients "*@a.example" next-hop 10.2.0.25 for "a" owner "b" approved "c" hold };error;expected 'for' or 'at most', found '}'
relay mail from internet to lgwan { recipients "*@a.example" next-hop 10.2.0.25 hold for 90 weeks for "a" owner "b" approved "c" };error;'90 weeks' is not a time
relay mail from internet to lgwan { recipients "*@a.example" next-hop 10.2.0.25 hold for 4000 days for "a" owner "b" approved "c" };error;out of range
relay mail from internet to lgwan { recipients "*@a.example" next-hop 10.2.0.25 hold at least 1 GB for "a" owner "b" approved "c" };error;expected 'most', found 'least'
relay mail from internet to lgwan { recipients "*@a.example" next-hop 10.2.0.25 hold at most 1 KB for "a" owner "b" approved "c" };error;out of range
relay mail from internet to lgwan { recipients "*@a.example" next-hop 10.2.0.25 hold for 9 days hold at most 1 GB for "a" owner "b" approved "c" };error;second 'hold'
relay mail from internet to lgwan { recipients "*@a.example" next-hop 10.2.0.25 release by "tanaka" for "a" owner "b" approved "c" };error;expected 'original', found 'by'
relay mail from internet to lgwan { recipients "*@a.example" next-hop 10.2.0.25 release original by tanaka for "a" owner "b" approved "c" };error;expected a text between " and ", found 'tanaka'
relay mail from internet to lgwan { recipients "*@a.example" next-hop 10.2.0.25 release original by "*" for "a" owner "b" approved "c" };error;"*" is no user of this machine (X5)
relay mail from internet to lgwan { recipients "*@a.example" next-hop 10.2.0.25 release original by "tanaka", "tanaka" for "a" owner "b" approved "c" };error;"tanaka" is named twice

# Z3, Z7
relay mail from internet to mynumber { recipients "*@a.example" next-hop tax-01 for "a" owner "b" approved "c" until 2027-03-31 };error;no rule can join zone 'mynumber' to 'internet', not even a relay (Z3)
relay mail from mynumber to internet { recipients "*@a.example" next-hop 10.3.0.25 for "a" owner "b" approved "c" until 2027-03-31 };error;no rule can join zone 'mynumber' to 'internet', not even a relay (Z3)
relay mail from lgwan to mynumber { recipients "*@a.example" next-hop tax-02 for "a" owner "b" approved "c" until 2027-03-31 };error;a relay into zone 'mynumber' needs a next hop with listed address and MAC (Z3)
relay mail from lgwan to mynumber { recipients "*@a.example" next-hop 10.1.0.99 for "a" owner "b" approved "c" until 2027-03-31 };error;a relay into zone 'mynumber' needs a next hop with listed address and MAC (Z3)
relay mail from lgwan to mynumber { recipients "*@a.example" next-hop tax-01 for "a" owner "b" approved "c" };error;an exception with zone 'mynumber' must end some day (Z7)
relay mail from internet to lgwan { recipients "*@a.example" next-hop 10.2.0.25 };error;relay without 'for', 'owner', 'approved' (Z7)
relay mail from internet to lgwan { recipients "*@a.example" next-hop 10.2.0.25 for "a" owner "b" approved "c" until 2020-01-01 };warning;expired on 2020-01-01: it passes nothing (Z7)

# M1: whose mail
relay mail from internet to lgwan { next-hop 10.2.0.25 for "a" owner "b" approved "c" };error;a relay must say whose mail it takes (M1)
relay mail from internet to lgwan { recipients "*" next-hop 10.2.0.25 for "a" owner "b" approved "c" };error;this would relay to anybody (M1)
relay mail from internet to lgwan { recipients "*@*" next-hop 10.2.0.25 for "a" owner "b" approved "c" };error;this would relay to anybody (M1)
relay mail from internet to lgwan { recipients "*@*.example" next-hop 10.2.0.25 for "a" owner "b" approved "c" };error;"*@*.example" is no recipient
relay mail from internet to lgwan { recipients "a.example" next-hop 10.2.0.25 for "a" owner "b" approved "c" };error;"a.example" is no recipient
relay mail from internet to lgwan { recipients "@a.example" next-hop 10.2.0.25 for "a" owner "b" approved "c" };error;"@a.example" is no recipient
relay mail from internet to lgwan { recipients "a b@a.example" next-hop 10.2.0.25 for "a" owner "b" approved "c" };error;"a b@a.example" is no recipient
relay mail from internet to lgwan { recipients "*@a.example", "*@A.example" next-hop 10.2.0.25 for "a" owner "b" approved "c" };error;"*@a.example" is taken

# where to
relay mail from internet to lgwan { recipients "*@a.example" for "a" owner "b" approved "c" };error;a relay must say which server takes the mail
relay mail from internet to lgwan { recipients "*@a.example" next-hop 10.3.0.25 for "a" owner "b" approved "c" };error;the next hop is not in zone 'lgwan' (Z4)
relay mail from internet to lgwan { recipients "*@a.example" next-hop 10.2.0.1 for "a" owner "b" approved "c" };error;the next hop is the gateway itself
relay mail from internet to lgwan { recipients "*@a.example" next-hop nobody for "a" owner "b" approved "c" };error;'nobody' is no host and no address
relay mail from quiet to lgwan { recipients "*@a.example" next-hop 10.2.0.25 for "a" owner "b" approved "c" };error;the gateway has no address in zone 'quiet' to relay from
relay mail from internet to quiet { recipients "*@a.example" next-hop 10.4.0.25 for "a" owner "b" approved "c" };error;the gateway has no address in zone 'quiet' to relay to
relay mail from nowhere to lgwan { recipients "*@a.example" next-hop 10.2.0.25 for "a" owner "b" approved "c" };error;no zone 'nowhere'
relay mail from internet to lgwan { recipients "*@a.example" next-hop 10.2.0.25 for "a" owner "b" approved "c" } relay mail from internet to lgwan { recipients "*@b.example" next-hop 10.2.0.25 listen port 26 for "a" owner "b" approved "c" };error;a second relay called 'internet-lgwan'
relay mail a1 from internet to lgwan { recipients "*@a.example" next-hop 10.2.0.25 for "a" owner "b" approved "c" } relay mail b1 from internet to lgwan { recipients "*@b.example" next-hop 10.2.0.25 for "a" owner "b" approved "c" };error;two relays listen on port 25 of zone 'internet'

# what is done to it
relay mail from internet to lgwan { recipients "*@a.example" next-hop 10.2.0.25 attachment { office unpack } for "a" owner "b" approved "c" };error;no treatment 'unpack' for office in this version; offered: strip, hold, text, render, rebuild
relay mail from internet to lgwan { recipients "*@a.example" next-hop 10.2.0.25 attachment { pdf unpack } for "a" owner "b" approved "c" };error;no treatment 'unpack' for pdf in this version; offered: strip, hold, text, render
relay mail from internet to lgwan { recipients "*@a.example" next-hop 10.2.0.25 attachment { archive unpack depth 10 } for "a" owner "b" approved "c" };error;out of range
relay mail from internet to lgwan { recipients "*@a.example" next-hop 10.2.0.25 attachment { archive unpack depth 0 } for "a" owner "b" approved "c" };error;out of range
relay mail from internet to lgwan { recipients "*@a.example" next-hop 10.2.0.25 attachment { archive strip depth 3 } for "a" owner "b" approved "c" };error;only what is unpacked has a depth
relay mail from internet to lgwan { recipients "*@a.example" next-hop 10.2.0.25 attachment { archive text } for "a" owner "b" approved "c" };error;no treatment 'text' for archive in this version; offered: strip, hold, unpack
relay mail from internet to lgwan { recipients "*@a.example" next-hop 10.2.0.25 attachment { pdf pass } for "a" owner "b" approved "c" };error;'pass' is no treatment
relay mail from internet to lgwan { recipients "*@a.example" next-hop 10.2.0.25 attachment { word strip } for "a" owner "b" approved "c" };error;'word' is not a word of an attachment block
relay mail from internet to lgwan { recipients "*@a.example" next-hop 10.2.0.25 attachment { pdf strip pdf strip } for "a" owner "b" approved "c" };error;second 'pdf'
relay mail from internet to lgwan { recipients "*@a.example" next-hop 10.2.0.25 body html for "a" owner "b" approved "c" };error;'html' is no treatment
relay mail from internet to lgwan { recipients "*@a.example" next-hop 10.2.0.25 body hold for "a" owner "b" approved "c" };error;no treatment 'hold' for the body in this version; offered: text
relay mail from internet to lgwan { recipients "*@a.example" next-hop 10.2.0.25 size 0 MB for "a" owner "b" approved "c" };error;out of range
relay mail from internet to lgwan { recipients "*@a.example" next-hop 10.2.0.25 size 2000 MB for "a" owner "b" approved "c" };error;out of range
relay mail from internet to lgwan { recipients "*@a.example" next-hop 10.2.0.25 size 20 for "a" owner "b" approved "c" };error;'20 for' is not a size
relay mail from internet to lgwan { recipients "*@a.example" next-hop 10.2.0.25 size 99999999999999999999 MB for "a" owner "b" approved "c" };error;'99999999999999999999 MB' is too much
relay mail from internet to lgwan { recipients "*@a.example" next-hop 10.2.0.25 deadline 30 min for "a" owner "b" approved "c" };error;'30 min' is not a time
relay mail from internet to lgwan { recipients "*@a.example" next-hop 10.2.0.25 dpi 20 for "a" owner "b" approved "c" };error;out of range
relay mail from internet to lgwan { recipients "*@a.example" next-hop 10.2.0.25 noise 5 for "a" owner "b" approved "c" };error;out of range
relay mail from internet to lgwan { recipients "*@a.example" next-hop 10.2.0.25 cc "x" for "a" owner "b" approved "c" };error;'cc' is not a word of a relay
relay file from internet to lgwan { };error;expected 'mail', found 'file'

# what a rebuilt document may keep
relay mail from internet to lgwan { recipients "*@a.example" next-hop 10.2.0.25 tracked values for "a" owner "b" approved "c" };error;no such choice 'values'
relay mail from internet to lgwan { recipients "*@a.example" next-hop 10.2.0.25 formulas remove for "a" owner "b" approved "c" };error;no such choice 'remove'
relay mail from internet to lgwan { recipients "*@a.example" next-hop 10.2.0.25 hidden keep hidden keep for "a" owner "b" approved "c" };error;second 'hidden'

# how the mail is written, and its note
relay mail from internet to lgwan { recipients "*@a.example" next-hop 10.2.0.25 charset shift_jis for "a" owner "b" approved "c" };error;no such choice 'shift_jis'
relay mail from internet to lgwan { recipients "*@a.example" next-hop 10.2.0.25 charset for "a" owner "b" approved "c" };error;no such choice 'for'
relay mail from internet to lgwan { recipients "*@a.example" next-hop 10.2.0.25 charset utf-8 charset utf-8 for "a" owner "b" approved "c" };error;second 'charset'
relay mail from internet to lgwan { recipients "*@a.example" next-hop 10.2.0.25 append html for "a" owner "b" approved "c" };error;expected 'text', found 'html'
relay mail from internet to lgwan { recipients "*@a.example" next-hop 10.2.0.25 append text append text for "a" owner "b" approved "c" };error;second 'append'
relay mail from internet to lgwan { recipients "*@a.example" next-hop 10.2.0.25 note note.txt for "a" owner "b" approved "c" };error;expected a text between " and ", found 'note.txt'
relay mail from internet to lgwan { recipients "*@a.example" next-hop 10.2.0.25 note "note.txt" for "a" owner "b" approved "c" };error;this is not the whole path of a file (H2)
relay mail from internet to lgwan { recipients "*@a.example" next-hop 10.2.0.25 note "/etc/sekisho/note.txt" for "a" owner "b" approved "c" };error;this file was not read (H2)
relay mail from internet to lgwan { recipients "*@a.example" next-hop 10.2.0.25 note "a" note "/a" for "a" owner "b" approved "c" };error;this is not the whole path of a file (H2)
