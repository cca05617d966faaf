//! Devices and a hub: convergence, repeats, lies and cuts, over real HTTP against the real binary.

use crate::common::{Device, Failure, Hub, send, set};
use kend_log::{Act, Op};
use kend_sync::{
    EnrolError, EnrolRequest, Enrolment, Exchange, ExchangeError, Refusal, RefusalCode, Replica, SetAsideCode, Step,
    protocol,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

const TOVUZ: &str = "demo/AZ-TOV";
const GUBA: &str = "demo/AZ-QBA";

/// A device of an enumerator in Tovuz.
async fn enumerator(hub: &Hub, name: u8) -> Device {
    Device::enrolled(hub, name, "enumerator", "AZ-TOV").await
}

#[tokio::test]
async fn two_devices_that_sync_in_either_order_come_to_equal_states() {
    for first in ["aynur", "rashad"] {
        let hub = Hub::start();
        let (mut aynur, mut rashad) = (enumerator(&hub, 1).await, enumerator(&hub, 2).await);
        aynur.write(TOVUZ, 7, vec![set("m/village", "Öysüzlü"), set("a/health_notes", "The road")]);
        aynur.sync(&hub).await.unwrap();
        rashad.sync(&hub).await.unwrap();
        assert_eq!(rashad.state(7), aynur.state(7));
        // Apart: one true conflict, and one answer each.
        aynur.write(TOVUZ, 7, vec![set("a/health_notes", "The road is bad"), set("a/finance_notes", "No bank")]);
        rashad.write(TOVUZ, 7, vec![set("a/health_notes", "The clinic is far"), set("a/digital_notes", "4G")]);
        if first == "aynur" {
            aynur.sync(&hub).await.unwrap();
            rashad.sync(&hub).await.unwrap();
            aynur.sync(&hub).await.unwrap();
        } else {
            rashad.sync(&hub).await.unwrap();
            aynur.sync(&hub).await.unwrap();
            rashad.sync(&hub).await.unwrap();
        }
        assert_eq!(aynur.state(7), rashad.state(7), "{first} first");
        assert_eq!(aynur.state(7).len(), 4);
        let conflict = aynur.state(7).into_iter().find(|line| line.starts_with("a/health_notes")).unwrap();
        assert!(conflict.contains("The road is bad") && conflict.contains("The clinic is far"), "{conflict}");
        let again = aynur.sync(&hub).await.unwrap();
        assert_eq!((again.entries_sent, again.entries_received, again.round_trips), (0, 0, 1));
        assert!(again.complete);
    }
}

#[tokio::test]
async fn one_warm_exchange_both_ways_takes_one_round_trip() {
    let hub = Hub::start();
    let (mut aynur, mut rashad) = (enumerator(&hub, 1).await, enumerator(&hub, 2).await);
    rashad.write(TOVUZ, 8, vec![set("a/health_notes", "Two nurses")]);
    rashad.sync(&hub).await.unwrap();
    aynur.write(TOVUZ, 7, vec![set("a/health_notes", "The road")]);
    let outcome = aynur.sync(&hub).await.unwrap();
    assert_eq!((outcome.entries_sent, outcome.entries_received, outcome.round_trips), (1, 1, 1));
    assert!(aynur.store.unacknowledged().unwrap().logs.is_empty());
}

#[tokio::test]
async fn a_lot_to_send_goes_in_several_requests_and_arrives_whole() {
    let hub = Hub::start();
    let (mut aynur, mut rashad) = (enumerator(&hub, 1).await, enumerator(&hub, 2).await);
    let mut noise = 1_u64;
    for entry in 0..200 {
        // Text that does not compress: the log's own compression is not what is tried here.
        let words: Vec<String> = (0..120)
            .map(|_| {
                noise = noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                format!("{noise:x}")
            })
            .collect();
        aynur.write(TOVUZ, 7, vec![set(&format!("a/note_{entry}"), &words.join(" "))]);
    }
    let up = aynur.sync(&hub).await.unwrap();
    assert!(up.round_trips > 2, "{up:?}");
    assert_eq!((up.entries_sent, up.complete), (200, true));
    let down = rashad.sync(&hub).await.unwrap();
    assert_eq!((down.entries_received, down.complete), (200, true));
    assert!(down.round_trips > 2, "{down:?}");
    assert_eq!(aynur.state(7), rashad.state(7));
}

#[tokio::test]
async fn a_forged_signature_is_refused_and_changes_nothing() {
    let hub = Hub::start();
    let (mut aynur, mut rashad) = (enumerator(&hub, 1).await, enumerator(&hub, 2).await);
    aynur.write(TOVUZ, 7, vec![set("a/health_notes", "The road")]);
    let honest = aynur.request();
    let mut forged = honest.clone();
    for (name, value) in &mut forged.headers {
        if *name == protocol::SIGNATURE_HEADER {
            let other = if value.starts_with('0') { "1" } else { "0" };
            value.replace_range(..1, other);
        }
    }
    let mut body_changed = honest.clone();
    *body_changed.body.last_mut().unwrap() ^= 1;
    let mut other_device = honest;
    for (name, value) in &mut other_device.headers {
        if *name == protocol::DEVICE_HEADER {
            *value = rashad.store.device().to_string();
        }
    }
    for request in [forged, body_changed, other_device] {
        let answer = send(&hub.address, &request).await.unwrap();
        assert_eq!(answer.status, 401);
        assert_eq!(Refusal::decode(&answer.body).unwrap().code, RefusalCode::Signature);
    }
    assert_eq!(rashad.sync(&hub).await.unwrap().entries_received, 0);
    assert_eq!(aynur.sync(&hub).await.unwrap().entries_sent, 1, "the ticket was not used up by the forgeries");
}

#[tokio::test]
async fn a_replayed_request_is_refused_with_a_fresh_ticket_and_the_device_goes_on() {
    let hub = Hub::start();
    let mut aynur = enumerator(&hub, 1).await;
    aynur.write(TOVUZ, 7, vec![set("a/health_notes", "The road")]);
    let request = aynur.request();
    assert_eq!(send(&hub.address, &request).await.unwrap().status, 200);
    let replayed = send(&hub.address, &request).await.unwrap();
    assert_eq!(replayed.status, 401);
    let refusal = Refusal::decode(&replayed.body).unwrap();
    assert_eq!(refusal.code, RefusalCode::Ticket);
    assert!(refusal.ticket.is_some());
    // The device never saw the first answer: it comes with the used ticket, and is let in by the fresh one.
    let outcome = aynur.sync(&hub).await.unwrap();
    assert_eq!((outcome.entries_sent, outcome.round_trips, outcome.complete), (1, 2, true));
}

#[tokio::test]
async fn an_answer_cut_on_the_way_acknowledges_nothing_and_a_retry_makes_no_duplicate() {
    let hub = Hub::start();
    let (mut aynur, mut rashad) = (enumerator(&hub, 1).await, enumerator(&hub, 2).await);
    aynur.write(TOVUZ, 7, vec![set("a/health_notes", "The road")]);
    for kept_bytes in [0, 10, 150, 400] {
        let proxy = cutting_proxy(&hub, kept_bytes).await;
        let failure = aynur.sync_at(&proxy).await.unwrap_err();
        assert!(matches!(failure, Failure::Line | Failure::Exchange(ExchangeError::NoHub)), "{failure:?}");
        assert_eq!(aynur.store.unacknowledged().unwrap().entries(), 1);
    }
    let outcome = aynur.sync(&hub).await.unwrap();
    assert_eq!((outcome.entries_sent, outcome.complete), (1, true));
    assert_eq!(rashad.sync(&hub).await.unwrap().entries_received, 1);
    assert_eq!(rashad.store.logs().unwrap().iter().map(|log| log.seq).sum::<u64>(), 1);
}

#[tokio::test]
async fn a_portal_page_or_a_rewritten_answer_acknowledges_nothing() {
    let hub = Hub::start();
    let mut aynur = enumerator(&hub, 1).await;
    aynur.write(TOVUZ, 7, vec![set("a/health_notes", "The road")]);
    let portal =
        fixed_answer("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 17\r\n\r\n<html>Pay</html>\n")
            .await;
    let failure = aynur.sync_at(&portal).await.unwrap_err();
    assert!(matches!(failure, Failure::Exchange(ExchangeError::NoHub)), "{failure:?}");
    // A real answer with one bit changed.
    let mut exchange = Exchange::new(aynur.keys);
    let Step::Request(request) = exchange.next(&mut aynur.store).unwrap() else { panic!("nothing to ask") };
    let mut answer = send(&hub.address, &request).await.unwrap();
    assert_eq!(answer.status, 200);
    *answer.body.last_mut().unwrap() ^= 1;
    let error = exchange.receive(&answer, &mut aynur.store).unwrap_err();
    assert!(matches!(error, ExchangeError::NoHub), "{error:?}");
    assert_eq!(aynur.store.unacknowledged().unwrap().entries(), 1);
}

#[tokio::test]
async fn what_a_hub_acknowledged_survives_its_kill() {
    let mut hub = Hub::start();
    let (mut aynur, mut rashad) = (enumerator(&hub, 1).await, enumerator(&hub, 2).await);
    for round in 0..5 {
        aynur.write(TOVUZ, 7, vec![set(&format!("a/note_{round}"), "kept")]);
        assert_eq!(aynur.sync(&hub).await.unwrap().entries_sent, 1);
        hub.kill_and_restart();
    }
    assert!(aynur.store.unacknowledged().unwrap().logs.is_empty());
    assert_eq!(rashad.sync(&hub).await.unwrap().entries_received, 5);
    assert_eq!(rashad.state(7), aynur.state(7));
    assert!(hub.stop().success(), "a hub that is told to stop stops in good order");
}

#[tokio::test]
async fn another_area_is_neither_sent_nor_taken() {
    let hub = Hub::start();
    let mut aynur = enumerator(&hub, 1).await;
    let mut leyla = Device::enrolled(&hub, 2, "enumerator", "AZ-QBA").await;
    let mut national = Device::enrolled(&hub, 3, "national", "AZ").await;
    leyla.write(GUBA, 9, vec![set("a/health_notes", "Snow")]);
    leyla.sync(&hub).await.unwrap();
    // Aynur writes where she may not, and asks for what is not hers.
    aynur.write(GUBA, 10, vec![set("a/health_notes", "Not mine")]);
    let outcome = aynur.sync(&hub).await.unwrap();
    assert_eq!((outcome.entries_sent, outcome.entries_received), (0, 0));
    let codes: Vec<_> = outcome.set_aside.iter().map(|aside| (aside.code, aside.kept)).collect();
    assert_eq!(codes, [(SetAsideCode::NotAllowed, true)]);
    assert_eq!(aynur.state(9), Vec::<String>::new());
    let seen = national.sync(&hub).await.unwrap();
    assert_eq!(seen.entries_received, 1, "the country sees Leyla's entry and not Aynur's");
}

#[tokio::test]
async fn a_role_can_do_only_what_is_its_own_and_honest_work_after_it_is_not_lost() {
    let hub = Hub::start();
    let (mut aynur, mut rashad) = (enumerator(&hub, 1).await, enumerator(&hub, 2).await);
    let mut supervisor = Device::enrolled(&hub, 3, "supervisor", "AZ-TOV").await;
    aynur.write(TOVUZ, 7, vec![set("a/health_notes", "The road"), Op::Judge { act: Act::Submit }]);
    aynur.sync(&hub).await.unwrap();
    supervisor.sync(&hub).await.unwrap();
    supervisor.write(TOVUZ, 7, vec![set("c/1/text", "Which road?"), Op::Judge { act: Act::Return }]);
    assert_eq!(supervisor.sync(&hub).await.unwrap().entries_sent, 1);
    assert_eq!(aynur.sync(&hub).await.unwrap().entries_received, 1);
    // An enumerator approves: kept aside, told so, and not offered again.
    aynur.write(TOVUZ, 7, vec![Op::Judge { act: Act::Approve }]);
    let outcome = aynur.sync(&hub).await.unwrap();
    assert_eq!((outcome.entries_sent, outcome.entries_set_aside()), (0, 1));
    assert_eq!(outcome.set_aside[0].code, SetAsideCode::NotAllowed);
    aynur.write(TOVUZ, 7, vec![set("a/finance_notes", "No bank")]);
    let outcome = aynur.sync(&hub).await.unwrap();
    assert_eq!(
        outcome.set_aside.iter().map(|aside| (aside.code, aside.kept)).collect::<Vec<_>>(),
        [(SetAsideCode::Gap, true)]
    );
    let outcome = aynur.sync(&hub).await.unwrap();
    assert_eq!((outcome.set_aside.len(), outcome.round_trips), (0, 1), "no retry storm");
    assert_eq!(rashad.sync(&hub).await.unwrap().entries_received, 2, "the approval reached nobody");
}

#[tokio::test]
async fn an_actor_who_is_nobody_of_the_device_is_set_aside() {
    let hub = Hub::start();
    let mut aynur = enumerator(&hub, 1).await;
    let somebody = kend_domain::PersonId::from_bytes([99; 16]);
    aynur.write_as(somebody, TOVUZ, 7, vec![set("a/health_notes", "Not I")]);
    let outcome = aynur.sync(&hub).await.unwrap();
    assert_eq!(outcome.set_aside[0].code, SetAsideCode::NotAllowed);
}

#[tokio::test]
async fn a_code_is_good_for_one_device_which_may_ask_again() {
    let hub = Hub::start();
    let code = hub.code("enumerator", "AZ-TOV");
    let (mut aynur, mut other) = (Device::new(1), Device::new(2));
    let enrolled = aynur.enrol(&hub, &code.to_lowercase().replace('-', " ")).await.unwrap();
    assert_eq!(enrolled.certificate.areas.0.iter().map(kend_domain::AreaCode::as_str).collect::<Vec<_>>(), ["AZ-TOV"]);
    let again = aynur.enrol(&hub, &code).await.unwrap();
    assert_eq!(again.certificate, enrolled.certificate);
    assert_eq!(other.enrol(&hub, &code).await.unwrap_err(), EnrolError::Refused(RefusalCode::Code));
}

#[tokio::test]
async fn after_five_wrong_tries_the_right_code_is_refused() {
    let hub = Hub::start();
    let code = hub.code("enumerator", "AZ-TOV");
    let mut wrong = code.clone();
    let last = if code.ends_with('A') { "B" } else { "A" };
    wrong.replace_range(code.len() - 1.., last);
    for _ in 0..5 {
        assert_eq!(Device::new(1).enrol(&hub, &wrong).await.unwrap_err(), EnrolError::Refused(RefusalCode::Code));
    }
    let error = Device::new(1).enrol(&hub, &code).await.unwrap_err();
    assert_eq!(error, EnrolError::Refused(RefusalCode::TooManyTries));
}

#[tokio::test]
async fn wrong_tries_end_a_code_for_good_also_over_a_restart() {
    let mut hub = Hub::start();
    let code = hub.code("enumerator", "AZ-TOV");
    let mut wrong = code.clone();
    let last = if code.ends_with('A') { "B" } else { "A" };
    wrong.replace_range(code.len() - 1.., last);
    for _ in 0..5 {
        Device::new(1).enrol(&hub, &wrong).await.unwrap_err();
    }
    // The limit per minute lives in the process; the tries of the code are on the disk.
    hub.kill_and_restart();
    let error = Device::new(1).enrol(&hub, &code).await.unwrap_err();
    assert_eq!(error, EnrolError::Refused(RefusalCode::Code));
}

#[tokio::test]
async fn an_enrolment_with_a_key_that_the_device_does_not_have_is_refused() {
    let hub = Hub::start();
    let code = hub.code("enumerator", "AZ-TOV");
    let request = Device::new(1).enrolment(&code);
    let thief = Device::new(2);
    let (enrolment, http) = Enrolment::start(&request, &|purpose, message| thief.store.sign(purpose, message));
    let answer = send(&hub.address, &http).await.unwrap();
    assert_eq!(enrolment.receive(&answer).unwrap_err(), EnrolError::Refused(RefusalCode::Signature));
}

#[tokio::test]
async fn nobody_enrols_under_the_id_of_the_hub_or_of_another_device_or_person() {
    let hub = Hub::start();
    let mut aynur = Device::new(1);
    let enrolled = aynur.enrol(&hub, &hub.code("enumerator", "AZ-TOV")).await.unwrap();
    let code = hub.code("supervisor", "AZ-TOV");
    let thief = Device::new(2);
    let own = thief.enrolment(&code);
    let cases = [
        ("the hub", EnrolRequest { device: enrolled.certificate.hub_device, ..own.clone() }),
        ("another device", EnrolRequest { device: aynur.store.device(), ..own.clone() }),
        ("another person", EnrolRequest { person: aynur.person, ..own.clone() }),
    ];
    for (name, request) in cases {
        let (enrolment, http) = Enrolment::start(&request, &|purpose, message| thief.store.sign(purpose, message));
        let error = enrolment.receive(&send(&hub.address, &http).await.unwrap()).unwrap_err();
        assert_eq!(error, EnrolError::Refused(RefusalCode::Taken), "{name}");
    }
    let (enrolment, http) = Enrolment::start(&own, &|purpose, message| thief.store.sign(purpose, message));
    assert!(enrolment.receive(&send(&hub.address, &http).await.unwrap()).is_ok(), "the code is still good");
}

#[tokio::test]
async fn rubbish_and_oversized_bodies_are_refused_by_their_own_codes() {
    let hub = Hub::start();
    let mut aynur = enumerator(&hub, 1).await;
    let client = reqwest::Client::new();
    for path in [protocol::SYNC_PATH, protocol::ENROL_PATH] {
        for body in [Vec::new(), b"{}".to_vec(), vec![0xff; 4096]] {
            let answer = client.post(hub.url(path)).body(body).send().await.unwrap();
            assert_eq!(answer.status().as_u16(), 401, "{path}: unsigned");
        }
        let limit =
            if path == protocol::SYNC_PATH { protocol::MAX_SYNC_BODY_BYTES } else { protocol::MAX_ENROL_BODY_BYTES };
        let answer = client.post(hub.url(path)).body(vec![0; limit + 1]).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 413, "{path}");
        assert_eq!(Refusal::decode(&answer.bytes().await.unwrap()).unwrap().code, RefusalCode::TooLarge);
    }
    // A device that signs rubbish: it is known, and refused.
    let mut exchange = Exchange::new(aynur.keys);
    let Step::Request(honest) = exchange.next(&mut aynur.store).unwrap() else { panic!("nothing to ask") };
    for cut in [0, 1, 5, honest.body.len() - 1] {
        let body = honest.body[..cut].to_vec();
        let answer = send(&hub.address, &signed_rubbish(&mut aynur, body)).await.unwrap();
        assert_eq!(Refusal::decode(&answer.body).unwrap().code, RefusalCode::BadRequest, "{cut}");
        aynur.sync(&hub).await.unwrap();
    }
    assert!(aynur.sync(&hub).await.unwrap().complete, "the hub still serves");
}

/// The next request of a device with another body, signed by it.
fn signed_rubbish(device: &mut Device, body: Vec<u8>) -> kend_sync::HttpRequest {
    let mut request = device.request();
    let ticket = device.store.marks().unwrap().ticket.unwrap();
    let mut message = b"POST\n/v1/sync\n".to_vec();
    message.extend_from_slice(device.store.device().as_bytes());
    message.extend_from_slice(&ticket.0);
    message.extend_from_slice(blake3::hash(&body).as_bytes());
    let signature = device.store.sign("request 1", &message);
    for (name, value) in &mut request.headers {
        if *name == protocol::SIGNATURE_HEADER {
            *value = data_encoding::HEXLOWER.encode(&signature);
        }
    }
    request.body = body;
    request
}

#[tokio::test]
async fn after_a_hub_was_put_back_from_a_backup_the_devices_give_it_what_it_lacks() {
    let mut hub = Hub::start();
    let (mut aynur, mut rashad) = (enumerator(&hub, 1).await, enumerator(&hub, 2).await);
    let backups = tempfile::TempDir::new().unwrap();
    let backup = backups.path().join("before").to_str().unwrap().to_owned();
    hub.command("backup", &[&backup], "");
    aynur.write(TOVUZ, 7, vec![set("a/health_notes", "The road")]);
    aynur.sync(&hub).await.unwrap();
    rashad.sync(&hub).await.unwrap();
    hub.stop();
    hub.command("restore", &[&backup, "--replace"], "");
    hub.kill_and_restart();
    // Rashad's device heals the hub with what Aynur wrote; a third device gets it from there.
    assert!(rashad.sync(&hub).await.unwrap().complete);
    let mut third = enumerator(&hub, 3).await;
    assert_eq!(third.sync(&hub).await.unwrap().entries_received, 1);
    assert_eq!(third.state(7), aynur.state(7));
    assert!(aynur.sync(&hub).await.unwrap().complete);
}

/// A proxy that passes a request on whole and lets only the first bytes of the answer through.
async fn cutting_proxy(hub: &Hub, kept_bytes: usize) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let upstream = hub.address.strip_prefix("http://").unwrap().to_owned();
    tokio::spawn(async move {
        let (mut device, _) = listener.accept().await.unwrap();
        let request = read_request(&mut device).await;
        let mut hub = tokio::net::TcpStream::connect(upstream).await.unwrap();
        hub.write_all(&request).await.unwrap();
        let mut answer = vec![0; 64 * 1024];
        let length = hub.read(&mut answer).await.unwrap();
        device.write_all(&answer[..kept_bytes.min(length)]).await.unwrap();
    });
    address
}

/// A server that says the same to everybody.
async fn fixed_answer(answer: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut device, _) = listener.accept().await.unwrap();
        read_request(&mut device).await;
        device.write_all(answer.as_bytes()).await.unwrap();
    });
    address
}

async fn read_request(stream: &mut tokio::net::TcpStream) -> Vec<u8> {
    let mut request = Vec::new();
    let mut block = vec![0; 64 * 1024];
    loop {
        let length = stream.read(&mut block).await.unwrap();
        request.extend_from_slice(&block[..length]);
        let text = String::from_utf8_lossy(&request).into_owned();
        let Some((head, _)) = text.split_once("\r\n\r\n") else { continue };
        let size = head
            .lines()
            .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ").map(str::to_owned))
            .map_or(0, |size| size.parse::<usize>().unwrap());
        if request.len() >= head.len() + 4 + size {
            return request;
        }
    }
}
