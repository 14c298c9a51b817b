//! Messages that are wrong, or ask for what there is not (RFC 4475 §3.1.2, §3.2, §3.3 in part).

use super::{Case, case};

pub(super) const CASES: &[Case] = &[
    // §3.1.2.1
    case(
        "separators with nothing between them",
        &[100, 400],
        "INVITE sip:user@example.com SIP/2.0
To: sip:j.user@example.com
From: sip:caller@example.net;tag=134161461246
Max-Forwards: 7
Call-ID: badinv01.0ha0isndaksdjasdf3234nas
CSeq: 8 INVITE
Via: SIP/2.0/UDP 192.0.2.15;;,;,,
Contact: \"Joe\" <sip:joe@10.1.1.1>;;;;
Content-Length: 3
Content-Type: application/sdp

v=0",
    ),
    // §3.1.2.2
    case(
        "a length beyond the message",
        &[400],
        "INVITE sip:user@example.com SIP/2.0
To: sip:j.user@example.com
From: sip:caller@example.net;tag=134161461246
Max-Forwards: 7
Call-ID: clerr
CSeq: 8 INVITE
Via: SIP/2.0/UDP 192.0.2.15;branch=z9hG4bKclerr
Contact: <sip:caller@10.1.1.1>
Content-Type: application/sdp
Content-Length: 9999

v=0",
    ),
    // §3.1.2.3
    case(
        "a length below zero",
        &[400],
        "INVITE sip:user@example.com SIP/2.0
To: sip:j.user@example.com
From: sip:caller@example.net;tag=134161461246
Max-Forwards: 7
Call-ID: ncl
CSeq: 8 INVITE
Via: SIP/2.0/UDP 192.0.2.15;branch=z9hG4bKncl
Contact: <sip:caller@10.1.1.1>
Content-Type: application/sdp
Content-Length: -999

v=0",
    ),
    // §3.1.2.4
    case(
        "numbers too large for their fields",
        &[400],
        "REGISTER sip:example.com SIP/2.0
Via: SIP/2.0/TCP host129.example.com;branch=z9hG4bK342sdfoi3
To: <sip:user@example.com>
From: <sip:user@example.com>;tag=239232jh3
CSeq: 36893488147419103232 REGISTER
Call-ID: scalar02.23o0pd9vanlq3wnrlnewofjas9ui32
Max-Forwards: 300
Expires: 10000000000000000000000000000000000
Contact: <sip:user@host129.example.com>;expires=280297596632815
Content-Length: 0

",
    ),
    // §3.1.2.5
    case(
        "a response with numbers too large",
        &[0],
        "SIP/2.0 503 Service Unavailable
Via: SIP/2.0/TCP host129.example.com;branch=z9hG4bKzzxdiwo34sw;received=192.0.2.129
To: <sip:user@example.com>
From: <sip:other@example.net>;tag=2easdjfejw
CSeq: 9292394834772304023312 OPTIONS
Call-ID: scalarlg.noase0of0234hn2qofoaf0232aewf2394r
Retry-After: 949302838503028349304023988
Warning: 1812 overture \"In Progress\"
Content-Length: 0

",
    ),
    // §3.1.2.6
    case(
        "a quoted name without an end",
        &[400],
        "INVITE sip:user@example.com SIP/2.0
To: \"Mr. J. User <sip:j.user@example.com>
From: sip:caller@example.net;tag=93334
Max-Forwards: 10
Call-ID: quotbal.aksdj
Contact: <sip:caller@10.1.1.1>
CSeq: 8 INVITE
Via: SIP/2.0/UDP 192.0.2.59:5050;branch=z9hG4bKkdjuw39234
Content-Type: application/sdp
Content-Length: 3

v=0",
    ),
    // §3.1.2.7
    case(
        "brackets around the address that is asked for",
        &[400, 416],
        "INVITE <sip:user@example.com> SIP/2.0
To: sip:j.user@example.com
From: sip:caller@example.net;tag=134161461246
Max-Forwards: 7
Call-ID: ltgtruri
CSeq: 8 INVITE
Via: SIP/2.0/UDP 192.0.2.15;branch=z9hG4bKltgtruri
Contact: <sip:caller@10.1.1.1>
Content-Type: application/sdp
Content-Length: 3

v=0",
    ),
    // §3.1.2.8
    case(
        "blanks inside the address that is asked for",
        &[400],
        "INVITE sip:user@example.com; lr SIP/2.0
To: sip:j.user@example.com
From: sip:caller@example.net;tag=134161461246
Max-Forwards: 7
Call-ID: lwsruri
CSeq: 8 INVITE
Via: SIP/2.0/UDP 192.0.2.15;branch=z9hG4bKlwsruri
Contact: <sip:caller@10.1.1.1>
Content-Type: application/sdp
Content-Length: 3

v=0",
    ),
    // §3.1.2.9
    case(
        "several blanks in the first line",
        &[100, 400],
        "INVITE  sip:user@example.com  SIP/2.0
To: sip:j.user@example.com
From: sip:caller@example.net;tag=134161461246
Max-Forwards: 7
Call-ID: lwsstart
CSeq: 8 INVITE
Via: SIP/2.0/UDP 192.0.2.15;branch=z9hG4bKlwsstart
Contact: <sip:caller@10.1.1.1>
Content-Type: application/sdp
Content-Length: 3

v=0",
    ),
    // §3.1.2.10
    case(
        "blanks at the end of the first line",
        &[200, 400, 505],
        "OPTIONS sip:remote-target@example.com SIP/2.0  
Via: SIP/2.0/UDP host1.example.com;branch=z9hG4bK299342093
To: <sip:remote-target@example.com>
From: <sip:local-resource@example.com>;tag=329429089
Call-ID: trws.oicu34958239neffasdhr2345r
Accept: application/sdp
CSeq: 238923 OPTIONS
Max-Forwards: 70
Content-Length: 0

",
    ),
    // §3.1.2.11
    case(
        "escaped headers in the address that is asked for",
        &[100, 400],
        "INVITE sip:user@example.com?Route=%3Csip:example.com%3E SIP/2.0
To: sip:j.user@example.com
From: sip:caller@example.net;tag=134161461246
Max-Forwards: 7
Call-ID: escruri
CSeq: 8 INVITE
Via: SIP/2.0/UDP 192.0.2.15;branch=z9hG4bKescruri
Contact: <sip:caller@10.1.1.1>
Content-Type: application/sdp
Content-Length: 3

v=0",
    ),
    // §3.1.2.12
    case(
        "a date in a zone that there is not",
        &[100, 400],
        "INVITE sip:user@example.com SIP/2.0
To: sip:j.user@example.com
From: sip:caller@example.net;tag=134161461246
Max-Forwards: 7
Call-ID: baddate
CSeq: 8 INVITE
Via: SIP/2.0/UDP 192.0.2.15;branch=z9hG4bKbaddate
Date: Fri, 01 Jan 2010 16:00:00 EST
Contact: <sip:caller@10.1.1.1>
Content-Type: application/sdp
Content-Length: 3

v=0",
    ),
    // §3.1.2.13
    case(
        "a contact whose headers are not in brackets",
        &[400, 401],
        "REGISTER sip:example.com SIP/2.0
To: sip:user@example.com
From: sip:user@example.com;tag=998332
Max-Forwards: 70
Call-ID: regbadct.k345asrl3fdbv@10.0.0.1
CSeq: 1 REGISTER
Via: SIP/2.0/UDP 135.180.130.133:5060;branch=z9hG4bKkdjuw4
Contact: sip:user@example.com?Route=%3Csip:sip.example.com%3E
l: 0

",
    ),
    // §3.1.2.14
    case(
        "blanks inside an address",
        &[200, 400],
        "OPTIONS sip:user@example.org SIP/2.0
Via: SIP/2.0/UDP host4.example.com:5060;branch=z9hG4bKkdju43234
Max-Forwards: 70
From: \"Bell, Alexander\" <sip:a.g.bell@example.com>;tag=433423
To: \"Watson, Thomas\" < sip:t.watson@example.org >
Call-ID: badaspec.sdf0234n2nds0a099u23h3hnnw009cdkne3
Accept: application/sdp
CSeq: 3923239 OPTIONS
l: 0

",
    ),
    // §3.1.2.15
    case(
        "a name that must be quoted and is not",
        &[200, 400],
        "OPTIONS sip:t.watson@example.org SIP/2.0
Via:     SIP/2.0/UDP c.example.com:5060;branch=z9hG4bKkdjuw5
Max-Forwards:      70
From:    Bell, Alexander <sip:a.g.bell@example.com>;tag=43
To:      Watson, Thomas <sip:t.watson@example.org>
Call-ID: baddn.31415@c.example.com
Accept: application/sdp
CSeq:    3923239 OPTIONS
l: 0

",
    ),
    // §3.1.2.16
    case(
        "a version of the protocol that there is not",
        &[505],
        "OPTIONS sip:t.watson@example.org SIP/7.0
Via:     SIP/7.0/UDP c.example.com;branch=z9hG4bKkdjuw6
Max-Forwards:     70
From:    A. Bell <sip:a.g.bell@example.com>;tag=qweoiqpe
To:      T. Watson <sip:t.watson@example.org>
Call-ID: badvers.31417@c.example.com
CSeq:    1 OPTIONS
l: 0

",
    ),
    // §3.1.2.17
    case(
        "two methods that do not agree",
        &[400, 501],
        "OPTIONS sip:user@example.com SIP/2.0
To: sip:j.user@example.com
From: sip:caller@example.net;tag=34525
Max-Forwards: 6
Call-ID: mismatch01.dj0234sxdfl3
CSeq: 8 INVITE
Via: SIP/2.0/UDP host.example.com;branch=z9hG4bKkdjuwmismatch01
Contact: <sip:caller@host.example.net>
l: 0

",
    ),
    // §3.1.2.18
    case(
        "two methods that do not agree, one of them unknown",
        &[400, 501],
        "NEWMETHOD sip:user@example.com SIP/2.0
To: sip:j.user@example.com
From: sip:caller@example.net;tag=34525
Max-Forwards: 6
Call-ID: mismatch02.dj0234sxdfl3
CSeq: 8 INVITE
Via: SIP/2.0/UDP host.example.com;branch=z9hG4bKkdjuwmismatch02
Contact: <sip:caller@host.example.net>
l: 0

",
    ),
    // §3.1.2.19
    case(
        "a status beyond all classes",
        &[0],
        "SIP/2.0 4294967301 better not break the receiver
Via: SIP/2.0/UDP 192.0.2.105;branch=z9hG4bK2398ndaoe
Call-ID: bigcode.asdof3uj203asdnf3429uasdhfas3ehjasdfas9i
CSeq: 353494 INVITE
From: <sip:user@example.com>;tag=39ansfi3
To: <sip:user@example.edu>;tag=902jndnke3
Content-Length: 0
Contact: <sip:user@host105.example.com>

",
    ),
    // §3.2.1
    case(
        "a branch that is the magic cookie and nothing else",
        &[200, 400],
        "OPTIONS sip:user@example.com SIP/2.0
To: sip:user@example.com
From: sip:caller@example.org;tag=33242
Max-Forwards: 3
Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK
Accept: application/sdp
Call-ID: badbranch.sadonfo23i420jv0as0derf3j3n
CSeq: 8 OPTIONS
l: 0

",
    ),
    // §3.3.1
    case(
        "no From, no To, no Call-ID",
        &[0, 400],
        "INVITE sip:user@example.com SIP/2.0
CSeq: 193942 INVITE
Via: SIP/2.0/UDP 192.0.2.95;branch=z9hG4bKkdj.insuf
Content-Type: application/sdp
l: 3

v=0",
    ),
    // §3.3.2
    case(
        "an address of a scheme nobody knows",
        &[200, 400, 416],
        "OPTIONS nobodyKnowsThisScheme:totallyopaquecontent SIP/2.0
To: sip:j.user@example.com
From: sip:caller@example.net;tag=134161461246
Max-Forwards: 7
Call-ID: unkscm
CSeq: 8 OPTIONS
Via: SIP/2.0/UDP 192.0.2.15;branch=z9hG4bKunkscm
Content-Length: 0

",
    ),
    // §3.3.3
    case(
        "an address of a scheme that is not called",
        &[200, 400, 416],
        "OPTIONS soap.beep://192.0.2.103:3002 SIP/2.0
To: sip:j.user@example.com
From: sip:caller@example.net;tag=134161461246
Max-Forwards: 7
Call-ID: novelsc
CSeq: 8 OPTIONS
Via: SIP/2.0/UDP 192.0.2.15;branch=z9hG4bKnovelsc
Content-Length: 0

",
    ),
    // §3.3.4
    case(
        "schemes nobody knows in From, To and Contact",
        &[400, 401],
        "REGISTER sip:example.com SIP/2.0
To: isbn:2983792873
From: <http://www.example.com>;tag=3234233
Call-ID: unksm2.daksdj@hyphenated-host.example.com
CSeq: 234902 REGISTER
Max-Forwards: 70
Via: SIP/2.0/UDP 192.0.2.21:5060;branch=z9hG4bKkdjuw7
Contact: <name:John_Smith>
l: 0

",
    ),
    // §3.3.5
    case(
        "extensions that are required and not known",
        &[420],
        "INVITE sip:user@example.com SIP/2.0
To: sip:j.user@example.com
From: sip:caller@example.net;tag=134161461246
Max-Forwards: 7
Call-ID: bext01
CSeq: 8 INVITE
Via: SIP/2.0/UDP 192.0.2.15;branch=z9hG4bKbext01
Require: nothingSupportsThis, nothingSupportsThisEither
Proxy-Require: noProxiesSupportThis, norDoAnyProxiesSupportThis
Contact: <sip:caller@10.1.1.1>
Content-Type: application/sdp
Content-Length: 3

v=0",
    ),
    // §3.3.6
    case(
        "a body of an unknown type",
        &[415],
        "INVITE sip:user@example.com SIP/2.0
To: sip:j.user@example.com
From: sip:caller@example.net;tag=134161461246
Max-Forwards: 7
Call-ID: invut
CSeq: 8 INVITE
Via: SIP/2.0/UDP 192.0.2.15;branch=z9hG4bKinvut
Contact: <sip:caller@10.1.1.1>
Content-Type: application/unknownformat
Content-Length: 6

<none>",
    ),
    // §3.3.7
    case(
        "a proof of an unknown kind",
        &[401],
        "REGISTER sip:example.com SIP/2.0
To: sip:j.user@example.com
From: sip:j.user@example.com;tag=87321hj23128
Max-Forwards: 8
Call-ID: regaut01.0ha0isndaksdj
CSeq: 9338 REGISTER
Via: SIP/2.0/TCP 192.0.2.253;branch=z9hG4bKkdjuw8
Authorization: NoOneKnowsThisScheme opaque-data=here
Content-Length:0

",
    ),
    // §3.3.8
    case(
        "headers that stand once, repeated",
        &[400],
        "INVITE sip:user@example.com SIP/2.0
Contact: <sip:caller@10.1.1.1>
Via: SIP/2.0/UDP 192.0.2.25;branch=z9hG4bKkdjuw9
Max-Forwards: 70
CSeq: 5 INVITE
Call-ID: multi01.98asdh@192.0.2.1
CSeq: 59 INVITE
Call-ID: multi01.98asdh@192.0.2.2
From: sip:caller@example.com;tag=3413415
To: sip:user@example.com
To: sip:other@example.net
From: sip:caller@example.net;tag=2923420123
Content-Type: application/sdp
l: 3
Contact: <sip:caller@10.1.1.2>
Max-Forwards: 5

v=0",
    ),
    // §3.3.9
    case(
        "two lengths",
        &[400],
        "OPTIONS sip:user@example.com SIP/2.0
To: sip:j.user@example.com
From: sip:caller@example.net;tag=134161461246
Max-Forwards: 7
Call-ID: mcl01
CSeq: 8 OPTIONS
Via: SIP/2.0/UDP 192.0.2.15;branch=z9hG4bKmcl01
Content-Length: 13
Content-Length: 5

There is no way to tell.",
    ),
    // §3.3.10
    case(
        "a response that would go to everyone",
        &[0],
        "SIP/2.0 200 OK
Via: SIP/2.0/UDP 192.0.2.198;branch=z9hG4bK1324923
Via: SIP/2.0/UDP 255.255.255.255;branch=z9hG4bK1saber23
Call-ID: bcast.0384840201234ksdfak3j2erwedfsASdf
CSeq: 35 INVITE
From: sip:user@example.com;tag=11141343
To: sip:user@example.edu;tag=2229
Content-Length: 0
Contact: <sip:user@host198.example.com>

",
    ),
    // §3.3.15
    case(
        "descriptions of a kind we do not write",
        &[100, 406],
        "INVITE sip:user@example.com SIP/2.0
To: sip:j.user@example.com
From: sip:caller@example.net;tag=134161461246
Max-Forwards: 7
Call-ID: sdp01
CSeq: 8 INVITE
Via: SIP/2.0/UDP 192.0.2.15;branch=z9hG4bKsdp01
Accept: text/nobodyKnowsThis
Contact: <sip:caller@10.1.1.1>
Content-Type: application/sdp
Content-Length: 3

v=0",
    ),
];
