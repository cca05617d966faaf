//! Prints the commands as `OpenAPI`.

fn main() {
    print!("{}", kend_app::openapi::json());
}
