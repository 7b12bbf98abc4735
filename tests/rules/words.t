# Characters and words.
| zone a { port "x"  network 10.1.0.0/24 }
| zone b { port "y"  network 10.2.0.0/24 }

host h { zone a  address 10.1.0.5 } # 窓口の端末;ok;host h { zone a  address 10.1.0.5 }  # 窓口の端末
host h { zone a  address 10.1.0.5 } #;ok;host h { zone a  address 10.1.0.5 }  #
host 窓口 { zone a  address 10.1.0.5 };error;'窓口' means nothing here
ｈｏｓｔ h { zone a  address 10.1.0.5 };error;full-width 'ｈｏｓｔ'
host h ｛ zone a  address 10.1.0.5 };error;full-width '｛'
host h {　zone a  address 10.1.0.5 };error;ideographic space
host h { zone a  address 10.1.0.5 }};error;'}' without '{'
host h { zone a, address 10.1.0.5 };error;',' is not a word of a host
host h = { zone a  address 10.1.0.5 };error;'=' means nothing here
permit tcp port 80 from a to b for 'x' owner "y" approved "z";error;text stands between " and "
permit tcp port 80 from a to b for 「保守」 owner "y" approved "z";error;text stands between " and "
permit tcp port 80 from a to b for "保守\n" owner "y" approved "z";error;unknown escape in a string
permit tcp port 80 from a to b for "x owner y approved z;error;string is not closed
host h { zone a  address １０.1.0.5 };error;full-width '１０.1.0.5'
host h { zone a  address 10．1.0.5 };error;full-width '10．1.0.5'
host h { zone a  address 10.1.0.5  mac 02：00:5e:00:00:01 };error;full-width '02：00:5e:00:00:01'
permit tcp port 80 from a to b for "x" owner "y" approved "z" until ２０２７−０３−３１;error;full-width '２０２７−０３−３１'
permit tcp port 80 from a to b for "x" owner "y" approved "z" until 2027−03−31;error;'2027−03−31' is not written so
permit tcp port 80 from a to b for "x" owner "y" approved "z" during weekdays 08:30～17:15;error;full-width '08:30～17:15'
permit tcp port 80 from a to b for "x" owner "y" approved "z" during weekdays 08:30〜17:15;error;'08:30〜17:15' is not written so
permit tcp port 80 from a to b for "x" owner "y" approved "z" during weekdays 08:30~17:15;error;'08:30~17:15' is not written so
host h { zone a  address 10.1.0.5 } ＃ 窓口の端末;error;full-width '＃'
host h { zone a  address 10.1.0.5 };error;no-break space
host h { zone a  address 10.1.0.5 ； };error;';' is not used in rules
zonne c { port "z"  network 10.3.0.0/24 };error;a sentence cannot begin with 'zonne'
