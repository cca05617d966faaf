//! What becomes of connections when a line dies and comes back.
//!
//! Three deaths are known in the field. A dead spot: packets vanish, and what was connected still is when they come
//! through again. A modem that dials anew, or a carrier that forgets: what was connected is nobody's afterwards, and its
//! packets vanish for good. And a carrier that says so: whoever sends on an old connection is told that it is reset.

use std::collections::HashSet;

use etherparse::{NetSlice, PacketBuilder, SlicedPacket, TransportSlice};

/// How a line dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Death {
    /// Connections live on.
    Spot,
    /// Connections are forgotten in silence.
    Forgotten,
    /// Connections are forgotten, and whoever uses one is told.
    Reset,
}

impl Death {
    pub(crate) const ALL: [Self; 3] = [Self::Spot, Self::Forgotten, Self::Reset];

    /// For the table.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Spot => "hangs",
            Self::Forgotten => "forgets",
            Self::Reset => "resets",
        }
    }
}

/// What is to be done with a packet.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It goes on.
    Carry,
    /// It vanishes.
    Swallow,
    /// It vanishes, and this goes back to whoever sent it.
    Answer(Vec<u8>),
}

/// Which connections there are.
#[derive(Debug, Default)]
pub(crate) struct Gate {
    /// Both ports of each, the smaller first.
    known: HashSet<(u16, u16)>,
    forgotten: HashSet<(u16, u16)>,
    tells: bool,
}

impl Gate {
    /// The line dies.
    pub(crate) fn die(&mut self, death: Death) {
        if death != Death::Spot {
            self.forgotten.extend(self.known.drain());
            self.tells = death == Death::Reset;
        }
    }

    /// A packet comes by on a living line.
    pub(crate) fn pass(&mut self, packet: &[u8]) -> Verdict {
        // What else the system sends (it looks for neighbours) is not for this line.
        let Ok(sliced) = SlicedPacket::from_ip(packet) else { return Verdict::Swallow };
        let (Some(NetSlice::Ipv4(ip)), Some(TransportSlice::Tcp(tcp))) = (&sliced.net, &sliced.transport) else {
            return Verdict::Swallow;
        };
        let (from, to) = (tcp.source_port(), tcp.destination_port());
        let connection = (from.min(to), from.max(to));
        if tcp.syn() && !tcp.ack() {
            self.forgotten.remove(&connection);
        }
        if !self.forgotten.contains(&connection) {
            self.known.insert(connection);
            return Verdict::Carry;
        }
        if tcp.rst() || !tcp.ack() || !self.tells {
            return Verdict::Swallow;
        }
        let ip = ip.header();
        let reset =
            PacketBuilder::ipv4(ip.destination(), ip.source(), 64).tcp(to, from, tcp.acknowledgment_number(), 0).rst();
        let mut answer = Vec::new();
        match reset.write(&mut answer, &[]) {
            Ok(()) => Verdict::Answer(answer),
            Err(_) => Verdict::Swallow,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEVICE: ([u8; 4], u16) = ([10, 77, 0, 2], 40_000);
    const HUB: ([u8; 4], u16) = ([10, 77, 0, 1], 8470);

    fn packet(from: ([u8; 4], u16), to: ([u8; 4], u16), syn: bool) -> Vec<u8> {
        let tcp = PacketBuilder::ipv4(from.0, to.0, 64).tcp(from.1, to.1, 5, 1000);
        let tcp = if syn { tcp.syn() } else { tcp.ack(9) };
        let mut bytes = Vec::new();
        tcp.write(&mut bytes, b"kend").unwrap();
        bytes
    }

    #[test]
    fn a_dead_spot_changes_nothing() {
        let mut gate = Gate::default();
        assert_eq!(gate.pass(&packet(DEVICE, HUB, true)), Verdict::Carry);
        gate.die(Death::Spot);
        assert_eq!(gate.pass(&packet(HUB, DEVICE, false)), Verdict::Carry);
    }

    #[test]
    fn a_forgotten_connection_is_silent_both_ways_until_its_ports_are_connected_anew() {
        let mut gate = Gate::default();
        gate.pass(&packet(DEVICE, HUB, true));
        gate.die(Death::Forgotten);
        assert_eq!(gate.pass(&packet(DEVICE, HUB, false)), Verdict::Swallow);
        assert_eq!(gate.pass(&packet(HUB, DEVICE, false)), Verdict::Swallow);
        let other = (DEVICE.0, 40_001);
        assert_eq!(gate.pass(&packet(other, HUB, true)), Verdict::Carry);
        assert_eq!(gate.pass(&packet(DEVICE, HUB, true)), Verdict::Carry);
        assert_eq!(gate.pass(&packet(HUB, DEVICE, false)), Verdict::Carry);
    }

    #[test]
    fn whoever_uses_a_reset_connection_is_told_with_the_number_that_they_wait_for() {
        let mut gate = Gate::default();
        gate.pass(&packet(DEVICE, HUB, true));
        gate.die(Death::Reset);
        let Verdict::Answer(answer) = gate.pass(&packet(DEVICE, HUB, false)) else { panic!("nobody is told") };
        let sliced = SlicedPacket::from_ip(&answer).unwrap();
        let (Some(NetSlice::Ipv4(ip)), Some(TransportSlice::Tcp(tcp))) = (&sliced.net, &sliced.transport) else {
            panic!("not TCP")
        };
        assert_eq!((ip.header().source(), ip.header().destination()), (HUB.0, DEVICE.0));
        assert!(tcp.rst());
        assert_eq!((tcp.source_port(), tcp.destination_port(), tcp.sequence_number()), (HUB.1, DEVICE.1, 9));
    }
}
