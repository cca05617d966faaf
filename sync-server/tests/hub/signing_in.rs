//! Signing in with a second factor, and what ends a session.

use serde_json::{Value, json};

use crate::common::Hub;
use crate::people::{PASSWORD, code, command, cookie, supervisor};

/// The code that an authenticator shows now (RFC 6238).
fn authenticator(line: &str, step_from_now: i64) -> String {
    let secret = line.split("secret=").nth(1).unwrap().split('&').next().unwrap();
    let secret = data_encoding::BASE32_NOPAD.decode(secret.as_bytes()).unwrap();
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &secret);
    let tag = aws_lc_rs::hmac::sign(&key, &(kend_world::wall_ms() / 30_000 + step_from_now).to_be_bytes());
    let tag = tag.as_ref();
    let offset = usize::from(tag[19] & 0x0f);
    let word = u32::from_be_bytes(tag[offset..offset + 4].try_into().unwrap());
    format!("{:06}", (word & 0x7fff_ffff) % 1_000_000)
}

#[tokio::test]
async fn who_has_a_second_factor_signs_in_by_its_code_or_a_recovery_code_once_each() {
    let hub = Hub::start();
    supervisor(&hub);
    let given = hub.command("people second-factor", &["--name", " leyla"], "");
    let lines: Vec<&str> = given.lines().collect();
    let (line, recovery) = (lines[0], &lines[1..]);
    assert!(line.starts_with("otpauth://totp/Kend:leyla?secret=") && recovery.len() == 8, "{given}");
    let sign_in = async |password: &str, typed: Option<&str>| {
        let mut request = json!({"name": "Leyla", "password": password});
        if let Some(typed) = typed {
            request["code"] = json!(typed);
        }
        let response = command(&hub, "sign_in", &request).send().await.unwrap();
        if response.status().as_u16() == 200 { "in".to_owned() } else { code(response).await.1 }
    };
    assert_eq!(sign_in(PASSWORD, None).await, "code_needed");
    assert_eq!(sign_in("not the one", Some(recovery[0])).await, "wrong_sign_in", "and the code is not used up");
    // The next code, so that a step that ends meanwhile spoils nothing.
    let now = authenticator(line, 1);
    assert_eq!(sign_in(PASSWORD, Some(&now)).await, "in");
    assert_eq!(sign_in(PASSWORD, Some(&now)).await, "wrong_code", "a second time");
    assert_eq!(sign_in(PASSWORD, Some(recovery[0])).await, "in");
    assert_eq!(sign_in(PASSWORD, Some(recovery[0])).await, "wrong_code", "a second time");
    for _ in 0..4 {
        assert_eq!(sign_in(PASSWORD, Some("000000")).await, "wrong_code");
    }
    assert_eq!(sign_in(PASSWORD, Some(recovery[1])).await, "too_many_tries", "a right password gives no more tries");
    hub.command("people second-factor", &["--name", "Leyla", "--remove"], "");
}

#[tokio::test]
async fn a_changed_password_signs_out_every_other_browser_and_the_old_one_is_worth_nothing() {
    let hub = Hub::start();
    supervisor(&hub);
    let sign_in = async |password: &str| {
        command(&hub, "sign_in", &json!({"name": "Leyla", "password": password})).send().await.unwrap()
    };
    let (here, there) = (cookie(&sign_in(PASSWORD).await), cookie(&sign_in(PASSWORD).await));
    let ask = async |session: &str, word: &str, request: Value| {
        command(&hub, word, &request).header("cookie", session).send().await.unwrap()
    };
    let change = |old: &str, new: &str| json!({"password": old, "new_password": new});
    let new = "another long enough one";
    assert_eq!(code(ask("", "change_password", change(PASSWORD, new)).await).await.1, "not_signed_in");
    assert_eq!(code(ask(&here, "change_password", change("not the one", new)).await).await.1, "wrong_sign_in");
    assert_eq!(code(ask(&here, "change_password", change(PASSWORD, "short")).await).await.1, "weak_password");
    assert_eq!(code(ask(&here, "change_password", change(PASSWORD, "password123")).await).await.1, "weak_password");
    assert_eq!(ask(&there, "list_interviews", json!({})).await.status().as_u16(), 200);
    assert_eq!(ask(&here, "change_password", change(PASSWORD, new)).await.status().as_u16(), 200);
    assert_eq!(ask(&here, "list_interviews", json!({})).await.status().as_u16(), 200);
    assert_eq!(ask(&there, "list_interviews", json!({})).await.status().as_u16(), 401);
    assert_eq!(code(sign_in(PASSWORD).await).await.1, "wrong_sign_in");
    let elsewhere = cookie(&sign_in(new).await);
    let out = ask(&here, "sign_out_everywhere", json!({})).await;
    assert_eq!(out.json::<Value>().await.unwrap()["state"], "locked");
    for session in [&here, &elsewhere] {
        assert_eq!(ask(session, "list_interviews", json!({})).await.status().as_u16(), 401);
    }
    let made_up = hub.command("people password", &["--name", "Leyla"], "");
    assert_eq!(sign_in(&made_up).await.status().as_u16(), 200);
    assert_eq!(code(sign_in(new).await).await.1, "wrong_sign_in");
}

#[tokio::test]
async fn signing_in_anew_ends_the_session_that_the_browser_had_and_no_other() {
    let hub = Hub::start();
    supervisor(&hub);
    let sign_in = async |session: &str| {
        let request = command(&hub, "sign_in", &json!({"name": "Leyla", "password": PASSWORD}));
        cookie(&request.header("cookie", session).send().await.unwrap())
    };
    let (first, elsewhere) = (sign_in("").await, sign_in("").await);
    let anew = sign_in(&first).await;
    for (session, status) in [(&first, 401), (&elsewhere, 200), (&anew, 200)] {
        let asked = command(&hub, "list_interviews", &json!({})).header("cookie", session).send().await.unwrap();
        assert_eq!(asked.status().as_u16(), status);
    }
}
