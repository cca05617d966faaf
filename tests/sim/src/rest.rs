//! Coming to rest: nothing goes wrong any more, and everybody exchanges until nothing is left to say.

use crate::invariants::{Invariant, Violation};
use crate::node::NodeNo;
use crate::storage::Storage;
use crate::world::World;

/// Rounds in which everybody goes to each of their hubs: device to hub to server to hub to device, a gap to mend on the
/// way, and one to see that nothing is left.
const ROUNDS: usize = 8;
/// Most requests of one exchange at rest: the content of a run is small.
const MOST_REQUESTS: usize = 60;

/// Heals everything and lets everybody exchange. Everything has to be said within a few rounds.
pub fn come_to_rest(world: &mut World<'_>) -> Result<(), Violation> {
    world.say(format_args!("everything comes to rest"));
    world.heal()?;
    let mut said = Vec::new();
    for round in 0..ROUNDS {
        let mut moved = 0;
        for node in 0..world.nodes.len() {
            for hub in world.nodes[node].hubs.clone() {
                // What the hub did not have. A device with two hubs, which remembers one at a time, offers each in turn
                // what it may lack.
                let before = entries(world, hub);
                exchange(world, node, hub)?;
                moved += entries(world, hub) - before + world.nodes[node].outcome.entries_received;
            }
        }
        said.push(moved);
        if moved == 0 && round > 1 {
            return Ok(());
        }
    }
    Err(Violation::of(Invariant::Progress, format!("after {ROUNDS} rounds there is still something to say: {said:?}")))
}

/// How many entries a node has.
fn entries(world: &World<'_>, node: NodeNo) -> u64 {
    world.nodes[node].storage.below().heads().unwrap_or_default().iter().map(|head| head.seq).sum()
}

/// One exchange on a perfect line.
pub fn exchange(world: &mut World<'_>, node: NodeNo, hub: NodeNo) -> Result<(), Violation> {
    world.begin_exchange(node, hub);
    for _ in 0..MOST_REQUESTS {
        let Some((_, _, request)) = world.step(node) else { return Ok(()) };
        world.now_ms += 1;
        let (response, _) = world.serve(hub, &request)?.expect("no power goes at rest");
        world.take_answer(node, &response)?;
        if world.nodes[node].underway.is_none() && !world.nodes[node].hubs.is_empty() {
            return Err(Violation::of(
                Invariant::Progress,
                format!("{}'s exchange with {} stops on a perfect line", world.name(node), world.name(hub)),
            ));
        }
    }
    Err(Violation::of(Invariant::Progress, format!("{} never ends its exchange", world.name(node))))
}
