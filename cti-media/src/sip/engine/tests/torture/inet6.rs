//! Messages of version 6 (RFC 5118 §4).

use super::{Case, case};

pub(super) const CASES: &[Case] = &[
    // §4.1
    case(
        "an address of version 6",
        &[401],
        "REGISTER sip:[2001:db8::10] SIP/2.0
To: sip:user@example.com
From: sip:user@example.com;tag=81x2
Via: SIP/2.0/UDP [2001:db8::9:1];branch=z9hG4bKas3-111
Call-ID: ipv6-good
Max-Forwards: 70
CSeq: 98176 REGISTER
Contact: <sip:user@[2001:db8::9:1]>
Content-Length: 0

",
    ),
    // §4.2
    case(
        "an address without its brackets",
        &[400, 401],
        "REGISTER sip:2001:db8::10 SIP/2.0
To: sip:user@example.com
From: sip:user@example.com;tag=81x2
Via: SIP/2.0/UDP [2001:db8::9:1];branch=z9hG4bKas3-112
Call-ID: ipv6-bad
Max-Forwards: 70
CSeq: 98176 REGISTER
Contact: <sip:user@[2001:db8::9:1]>
Content-Length: 0

",
    ),
    // §4.3
    case(
        "a port that may be a part of the address",
        &[401],
        "REGISTER sip:[2001:db8::10:5070] SIP/2.0
To: sip:user@example.com
From: sip:user@example.com;tag=81x2
Via: SIP/2.0/UDP [2001:db8::9:1];branch=z9hG4bKas3-113
Call-ID: port-ambiguous
Max-Forwards: 70
CSeq: 98176 REGISTER
Contact: <sip:user@[2001:db8::9:1]>
Content-Length: 0

",
    ),
    // §4.4
    case(
        "a port behind the brackets",
        &[401],
        "REGISTER sip:[2001:db8::10]:5070 SIP/2.0
To: sip:user@example.com
From: sip:user@example.com;tag=81x2
Via: SIP/2.0/UDP [2001:db8::9:1];branch=z9hG4bKas3-114
Call-ID: port-unambiguous
Max-Forwards: 70
CSeq: 98176 REGISTER
Contact: <sip:user@[2001:db8::9:1]>
Content-Length: 0

",
    ),
    // §4.5
    case(
        "received with brackets",
        &[200],
        "OPTIONS sip:[2001:db8::10] SIP/2.0
To: sip:user@example.com
From: sip:user@example.com;tag=81x2
Via: SIP/2.0/UDP [2001:db8::9:1];received=[2001:db8::9:255];branch=z9hG4bKas3-115
Call-ID: received-1
Max-Forwards: 70
CSeq: 98176 OPTIONS
Content-Length: 0

",
    ),
    // §4.5
    case(
        "received without brackets",
        &[200],
        "OPTIONS sip:[2001:db8::10] SIP/2.0
To: sip:user@example.com
From: sip:user@example.com;tag=81x2
Via: SIP/2.0/UDP [2001:db8::9:1];received=2001:db8::9:255;branch=z9hG4bKas3-116
Call-ID: received-2
Max-Forwards: 70
CSeq: 98176 OPTIONS
Content-Length: 0

",
    ),
    // §4.6
    case(
        "a description of version 6",
        &[100],
        "INVITE sip:user@[2001:db8::10] SIP/2.0
To: sip:user@[2001:db8::10]
From: sip:user@example.com;tag=81x2
Via: SIP/2.0/UDP [2001:db8::20];branch=z9hG4bKas3-117
Call-ID: ipv6-in-sdp
Max-Forwards: 70
CSeq: 8612 INVITE
Contact: <sip:user@[2001:db8::9:1]>
Content-Type: application/sdp
Content-Length: 118

v=0
o=assistant 971731711378798081 0 IN IP6 2001:db8::20
s=x
c=IN IP6 2001:db8::20
t=0 0
m=audio 6000 RTP/AVP 2
",
    ),
    // §4.7
    case(
        "both versions in the headers",
        &[100],
        "INVITE sip:user@[2001:db8::10] SIP/2.0
To: sip:user@[2001:db8::10]
From: sip:user@example.com;tag=81x2
Via: SIP/2.0/UDP [2001:db8::9:1]:6050;branch=z9hG4bKas3-118
Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKjhja8781hjuaij65144
Via: SIP/2.0/TCP [2001:db8::9:255];branch=z9hG4bK451jj;received=192.0.2.200
Call-ID: mult-ip-in-header
Max-Forwards: 70
CSeq: 8612 INVITE
Contact: <sip:user@[2001:db8::9:1]>
Content-Type: application/sdp
Content-Length: 5

v=0
",
    ),
    // §4.8
    case(
        "both versions in the description",
        &[100],
        "INVITE sip:user@[2001:db8::10] SIP/2.0
To: sip:user@[2001:db8::10]
From: sip:user@example.com;tag=81x2
Via: SIP/2.0/UDP [2001:db8::9:1];branch=z9hG4bKas3-119
Call-ID: mult-ip-in-sdp
Max-Forwards: 70
CSeq: 8612 INVITE
Contact: <sip:user@[2001:db8::9:1]>
Content-Type: application/sdp
Content-Length: 160

v=0
o=bob 280744730 28977631 IN IP4 host.example.com
s=x
t=0 0
m=audio 22334 RTP/AVP 0
c=IN IP4 192.0.2.1
m=video 6024 RTP/AVP 107
c=IN IP6 2001:db8::1
",
    ),
    // §4.9
    case(
        "version 4 inside version 6",
        &[100],
        "INVITE sip:user@[2001:db8::10] SIP/2.0
To: sip:user@[2001:db8::10]
From: sip:user@example.com;tag=81x2
Via: SIP/2.0/UDP [::ffff:192.0.2.10]:19823;branch=z9hG4bKas3-120
Call-ID: ipv4-mapped
Max-Forwards: 70
CSeq: 8612 INVITE
Contact: <sip:user@[2001:db8::9:1]>
Content-Type: application/sdp
Content-Length: 119

v=0
o=bob 280744730 28977631 IN IP6 ::ffff:192.0.2.2
s=x
c=IN IP6 ::ffff:192.0.2.2
t=0 0
m=audio 22334 RTP/AVP 0
",
    ),
    // §4.10
    case(
        "three colons, as an old grammar allowed",
        &[200, 400],
        "OPTIONS sip:user@[2001:db8:::192.0.2.1] SIP/2.0
To: sip:user@[2001:db8:::192.0.2.1]
From: sip:user@example.com;tag=810x2
Via: SIP/2.0/UDP lab1.east.example.com;branch=z9hG4bKas3-121
Call-ID: ipv6-colons-1
Max-Forwards: 70
CSeq: 8612 OPTIONS
Content-Length: 0

",
    ),
    // §4.10
    case(
        "two colons before version 4",
        &[200],
        "OPTIONS sip:user@[2001:db8::192.0.2.1] SIP/2.0
To: sip:user@[2001:db8::192.0.2.1]
From: sip:user@example.com;tag=810x2
Via: SIP/2.0/UDP lab1.east.example.com;branch=z9hG4bKas3-122
Call-ID: ipv6-colons-2
Max-Forwards: 70
CSeq: 8612 OPTIONS
Content-Length: 0

",
    ),
];
