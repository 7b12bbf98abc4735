# during DAYS HOURS, from DATE, limit …, log …
| zone lgwan { port "b"  network 10.2.0.0/24  address 10.2.0.1 }
| zone asp { port "d"  network 10.4.0.0/24  address 10.4.0.1 }

permit tcp from lgwan to asp for "a"  owner "b"  approved "c" during weekdays 08:30-17:15;ok
permit tcp from lgwan to asp for "a"  owner "b"  approved "c" during mon, wed 22:00-06:00;ok
permit tcp from lgwan to asp for "a"  owner "b"  approved "c" during weekends 00:00-24:00;ok
permit tcp from lgwan to asp during daily 12:00-13:00 for "a" owner "b" approved "c";ok;permit tcp from lgwan to asp for "a"  owner "b"  approved "c" during daily 12:00-13:00
permit tcp from lgwan to asp for "a" owner "b" approved "c" during 08:30-17:15;error;expected a day, found '08:30-17:15'
permit tcp from lgwan to asp for "a" owner "b" approved "c" during weekday 08:30-17:15;error;expected a day, found 'weekday'
permit tcp from lgwan to asp for "a" owner "b" approved "c" during mon, mon 08:30-17:15;error;'mon' is named already
permit tcp from lgwan to asp for "a" owner "b" approved "c" during weekdays, mon 08:30-17:15;error;'mon' is named already
permit tcp from lgwan to asp for "a" owner "b" approved "c" during weekdays;error;expected hours after 'weekdays'
permit tcp from lgwan to asp for "a" owner "b" approved "c" during weekdays 8:30-17:15;error;'8:30-17:15' are no hours
permit tcp from lgwan to asp for "a" owner "b" approved "c" during weekdays 08:30-24:01;error;'08:30-24:01' are no hours
permit tcp from lgwan to asp for "a" owner "b" approved "c" during weekdays 24:00-08:00;error;'24:00-08:00' are no hours
permit tcp from lgwan to asp for "a" owner "b" approved "c" during weekdays 08:60-09:00;error;'08:60-09:00' are no hours
permit tcp from lgwan to asp for "a" owner "b" approved "c" during weekdays 08:30-08:30;error;these hours begin and end at once
permit tcp from lgwan to asp for "a" owner "b" approved "c" during mon 08:30-09:00 during tue 08:30-09:00;error;second 'during'
permit tcp from lgwan to asp for "a" owner "b" approved "c" from 2026-11-23 until 2026-11-27 during sat 08:30-12:00;warning;no such hours lie between its days
permit tcp from lgwan to asp for "a"  owner "b"  approved "c"  from 2026-11-23  until 2026-11-28 during sat 08:30-12:00;ok

permit tcp from lgwan to asp for "a"  owner "b"  approved "c"  from 2027-01-01;ok
permit tcp from lgwan to asp for "a" owner "b" approved "c" until 2027-03-31 from 2027-01-01;ok;permit tcp from lgwan to asp for "a"  owner "b"  approved "c"  from 2027-01-01  until 2027-03-31
permit tcp from lgwan to asp for "a" owner "b" approved "c" from 2027-04-01 until 2027-03-31;error;it ends before it begins
permit tcp from lgwan to asp for "a" owner "b" approved "c" from monday;error;'monday' is no date
permit tcp from lgwan to asp for "a" owner "b" approved "c" from 2027-01-01 from 2027-01-02;error;second 'from'

permit tcp from lgwan to asp for "a"  owner "b"  approved "c" limit 100 connections;ok
permit tcp from lgwan to asp for "a"  owner "b"  approved "c" limit 10 connections per source;ok
permit tcp from lgwan to asp for "a"  owner "b"  approved "c" limit 20 new per second;ok
permit tcp from lgwan to asp for "a"  owner "b"  approved "c" limit 20 new per second per source;ok
permit tcp from lgwan to asp for "a"  owner "b"  approved "c" limit 1000 packets per second;ok
permit tcp from lgwan to asp for "a" owner "b" approved "c" limit 10Mbit per second;ok;permit tcp from lgwan to asp for "a"  owner "b"  approved "c" limit 10 Mbit per second
permit tcp from lgwan to asp for "a"  owner "b"  approved "c" during weekdays 08:30-17:15  limit 100 connections  limit 10 connections per source  log ended;ok
permit tcp from lgwan to asp for "a" owner "b" approved "c" limit 0 connections;error;a limit of nothing
permit tcp from lgwan to asp for "a" owner "b" approved "c" limit 4000 Gbit per second;error;a limit out of range
permit tcp from lgwan to asp for "a" owner "b" approved "c" limit 10 connections limit 20 connections;error;a second limit of this kind
permit tcp from lgwan to asp for "a" owner "b" approved "c" limit 10 flows;error;'10 flows' is not a limit
permit tcp from lgwan to asp for "a" owner "b" approved "c" limit connections;error;'connections' is not a limit
permit tcp from lgwan to asp for "a" owner "b" approved "c" limit 20 new;error;expected 'per second' after 'new'
permit tcp from lgwan to asp for "a" owner "b" approved "c" limit 20 packets per minute;error;expected 'per second', found 'per'
permit tcp from lgwan to asp for "a" owner "b" approved "c" limit 20 connections per host;error;expected 'per source', found 'per'
permit tcp from lgwan to asp for "a" owner "b" approved "c" limit ten connections;error;'ten' is not a number

permit tcp from lgwan to asp for "a"  owner "b"  approved "c" log none;ok
permit tcp from lgwan to asp for "a"  owner "b"  approved "c" log opened;ok
permit tcp from lgwan to asp for "a" owner "b" approved "c" log all;error;expected none, opened or ended, found 'all'
permit tcp from lgwan to asp for "a" owner "b" approved "c" log none log ended;error;second 'log'

# of sentences that list a flow the first in force answers
permit tcp from lgwan to asp for "a" owner "b" approved "c" permit tcp port 80 from 10.2.0.9 to asp for "a" owner "b" approved "c";warning;this sentence never answers (Z9)
permit tcp port 80 from lgwan to asp for "a" owner "b" approved "c" permit tcp port 80, 81 from 10.2.0.9 to asp for "a" owner "b" approved "c";ok;permit tcp port 80 from lgwan to asp for "a"  owner "b"  approved "c" permit tcp port 80, 81 from 10.2.0.9 to asp for "a"  owner "b"  approved "c"
permit tcp port 80-90 from lgwan to asp for "a" owner "b" approved "c" permit tcp port 81, 85-90 from lgwan to 10.4.0.9 for "a" owner "b" approved "c" during mon 08:00-09:00;warning;this sentence never answers (Z9)
permit tcp port 80 from lgwan to asp for "a" owner "b" approved "c" until 2027-01-01 permit tcp port 80 from lgwan to asp for "a" owner "b" approved "c";ok;permit tcp port 80 from lgwan to asp for "a"  owner "b"  approved "c"  until 2027-01-01 permit tcp port 80 from lgwan to asp for "a"  owner "b"  approved "c"
permit tcp port 80 from lgwan to asp for "a" owner "b" approved "c" during mon 08:00-09:00 permit tcp port 80 from lgwan to asp for "a" owner "b" approved "c" during mon 08:00-09:00;warning;this sentence never answers (Z9)
