//! The plane of the cells: Lambert's azimuthal equal-area projection of the WGS 84 ellipsoid.
//!
//! Areas are true everywhere, which shares and densities need; lengths within Azerbaijan are off by at most 0.1 %. Written
//! out here rather than taken from a library: those at hand compute with the machine's own sine, and a surface must have
//! the same digits on every machine.

/// Semi-major axis of WGS 84, metres (NIMA TR8350.2, 2000).
const SEMI_MAJOR_M: f64 = 6_378_137.0;
/// Flattening of WGS 84 (NIMA TR8350.2, 2000).
const FLATTENING: f64 = 1.0 / 298.257_223_563;
/// Degrees of a right angle.
const RIGHT_ANGLE: f64 = 90.0;
const FULL_CIRCLE: f64 = 360.0;

/// Lambert's azimuthal equal-area projection about a centre, on WGS 84. [`Default`] is the plane of method 2.1.
///
/// ```
/// let plane = kend_cells::EqualArea::default();
/// let (x_m, y_m) = plane.to_plane(49.89201, 40.37767);
/// assert!((x_m - 203_100.96).abs() < 0.01 && (y_m - 22_457.12).abs() < 0.01);
/// let (longitude, latitude) = plane.to_degrees(x_m, y_m);
/// assert!((longitude - 49.89201).abs() < 1e-9 && (latitude - 40.37767).abs() < 1e-9);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EqualArea {
    centre_longitude: f64,
    /// `q` at the pole.
    q_pole: f64,
    /// Radius of the sphere of the same area, metres.
    radius_m: f64,
    /// Sine and cosine of the authalic latitude of the centre.
    centre: (f64, f64),
    /// What keeps the scale at the centre true.
    stretch: f64,
}

impl Default for EqualArea {
    fn default() -> Self {
        Self::about(Self::CENTRE_LONGITUDE, Self::CENTRE_LATITUDE)
    }
}

/// The square of the ellipsoid's eccentricity.
fn eccentricity_squared() -> f64 {
    FLATTENING * (2.0 - FLATTENING)
}

/// `q` of a latitude's sine: proportional to the area between the equator and the latitude (Snyder eq. 3-12).
fn q_of(sine: f64) -> f64 {
    const HALF: f64 = 0.5;
    let squared = eccentricity_squared();
    let eccentricity = squared.sqrt();
    let part = eccentricity * sine;
    (1.0 - squared) * (sine / (1.0 - part * part) - HALF / eccentricity * (libm::log1p(-part) - libm::log1p(part)))
}

impl EqualArea {
    /// Centre of Kend's plane, degrees east (method 2.1).
    pub const CENTRE_LONGITUDE: f64 = 47.5;
    /// Centre of Kend's plane, degrees north (method 2.1).
    pub const CENTRE_LATITUDE: f64 = 40.2;

    /// About a centre, degrees east and north; the latitude between the poles. The coordinates of a centre that isn't there
    /// are NaN.
    ///
    /// ```
    /// let plane = kend_cells::EqualArea::about(10.0, 50.0);
    /// assert_eq!(plane.to_plane(10.0, 50.0), (0.0, 0.0));
    /// assert!(kend_cells::EqualArea::about(f64::NAN, 50.0).to_plane(10.0, 50.0).0.is_nan());
    /// ```
    pub fn about(centre_longitude: f64, centre_latitude: f64) -> Self {
        const HALF: f64 = 0.5;
        let q_pole = q_of(1.0);
        let radius_m = SEMI_MAJOR_M * (q_pole * HALF).sqrt();
        let (sine, cosine) = libm::sincos(centre_latitude.to_radians());
        let authalic_sine = q_of(sine) / q_pole;
        let authalic_cosine = (1.0 - authalic_sine * authalic_sine).sqrt();
        let m = cosine / (1.0 - eccentricity_squared() * sine * sine).sqrt();
        let stretch = SEMI_MAJOR_M * m / (radius_m * authalic_cosine);
        Self { centre_longitude, q_pole, radius_m, centre: (authalic_sine, authalic_cosine), stretch }
    }

    /// Easting and northing in metres of a longitude and latitude in degrees.
    ///
    /// `x = B D cos(b) sin(l - l_0)`, `y = B / D (cos(b_1) sin(b) - sin(b_1) cos(b) cos(l - l_0))`, with `b` the authalic
    /// latitude, `b_1` that of the centre, `B = R sqrt(2 / (1 + sin(b_1) sin(b) + cos(b_1) cos(b) cos(l - l_0)))`, `R` the
    /// authalic radius and `D` the stretch at the centre. Source: Snyder 1987, Map Projections: A Working Manual, eq. 24-17
    /// to 24-20. NaN for the point opposite the centre, a latitude beyond a pole, and what isn't finite.
    pub fn to_plane(&self, longitude: f64, latitude: f64) -> (f64, f64) {
        if !(longitude.is_finite() && latitude.abs() <= RIGHT_ANGLE) {
            return (f64::NAN, f64::NAN);
        }
        let (sine_1, cosine_1) = self.centre;
        let sine = (q_of(libm::sin(latitude.to_radians())) / self.q_pole).clamp(-1.0, 1.0);
        let cosine = (1.0 - sine * sine).sqrt();
        let (east, along) = libm::sincos((longitude - self.centre_longitude).to_radians());
        let scale = self.radius_m * (2.0 / (1.0 + sine_1 * sine + cosine_1 * cosine * along)).sqrt();
        if !scale.is_finite() {
            return (f64::NAN, f64::NAN);
        }
        let x_m = scale * self.stretch * cosine * east;
        let y_m = scale / self.stretch * (cosine_1 * sine - sine_1 * cosine * along);
        (x_m, y_m)
    }

    /// Longitude (-180 to 180) and latitude in degrees of an easting and northing in metres; the opposite of
    /// [`Self::to_plane`]. Source: Snyder 1987, eq. 24-26 to 24-29 and 3-16, the latter iterated until it stands. NaN beyond
    /// the edge of the world and for what isn't finite.
    pub fn to_degrees(&self, x_m: f64, y_m: f64) -> (f64, f64) {
        const HALF: f64 = 0.5;
        let (sine_1, cosine_1) = self.centre;
        let (x, y) = (x_m / self.stretch, y_m * self.stretch);
        let distance_m = libm::hypot(x, y);
        let half_sine = HALF * distance_m / self.radius_m;
        if half_sine.is_nan() || half_sine > 1.0 {
            return (f64::NAN, f64::NAN);
        }
        let (sine_c, cosine_c) = libm::sincos(2.0 * libm::asin(half_sine));
        let north = if distance_m > 0.0 { y / distance_m } else { 0.0 };
        let sine = cosine_c * sine_1 + north * sine_c * cosine_1;
        let latitude = latitude_of(sine * self.q_pole, sine);
        let east = libm::atan2(x * sine_c, distance_m * cosine_1 * cosine_c - y * sine_1 * sine_c);
        let longitude = self.centre_longitude + east.to_degrees();
        let turns = ((longitude + FULL_CIRCLE * HALF) / FULL_CIRCLE).floor();
        (longitude - turns * FULL_CIRCLE, latitude.to_degrees())
    }
}

/// The latitude in radians with this `q`, from the sine of the authalic latitude on (Snyder eq. 3-16).
fn latitude_of(q: f64, authalic_sine: f64) -> f64 {
    /// Each step doubles the digits; the start has three.
    const STEPS: usize = 6;
    const HALF: f64 = 0.5;
    let squared = eccentricity_squared();
    let mut latitude = libm::asin(authalic_sine.clamp(-1.0, 1.0));
    for _ in 0..STEPS {
        let (sine, cosine) = libm::sincos(latitude);
        // At the poles both latitudes are the same.
        if cosine <= f64::EPSILON {
            break;
        }
        let part = 1.0 - squared * sine * sine;
        latitude += part * part * HALF / cosine * (q - q_of(sine)) / (1.0 - squared);
    }
    latitude
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn points_lie_where_proj_puts_them() {
        // PROJ 9.5.1, `+proj=laea +lat_0=40.2 +lon_0=47.5 +datum=WGS84`; tolerance 1 mm.
        let golden = [
            (47.5, 40.2, 0.0, 0.0),
            (49.89201, 40.37767, 203100.9596, 22457.1205),
            (45.62838, 40.99249, -157477.2817, 89662.1625),
            (44.77, 38.85, -236949.3698, -146278.3067),
            (50.6, 41.9, 257204.0262, 193297.3456),
            (47.5, 0.0, 0.0, -4362854.9650),
            (-120.0, -35.0, -11617837.1503, 5097635.0935),
        ];
        let plane = EqualArea::default();
        for (longitude, latitude, x, y) in golden {
            let (x_m, y_m) = plane.to_plane(longitude, latitude);
            assert!((x_m - x).abs() < 1e-3 && (y_m - y).abs() < 1e-3, "{longitude} {latitude}: {x_m} {y_m}");
        }
    }

    #[test]
    fn what_is_not_on_the_earth_is_nowhere() {
        let plane = EqualArea::default();
        for (longitude, latitude) in [(0.0, 91.0), (f64::NAN, 0.0), (0.0, f64::NAN), (f64::INFINITY, 0.0)] {
            assert!(plane.to_plane(longitude, latitude).0.is_nan());
        }
        assert!(plane.to_degrees(1e8, 0.0).1.is_nan());
        assert!(plane.to_degrees(f64::NAN, 0.0).0.is_nan());
    }

    #[test]
    fn a_quadrilateral_of_degrees_keeps_its_area() {
        // The strip between two parallels of an ellipsoid: a^2 / 2 (q_2 - q_1) times the difference of longitudes.
        let plane = EqualArea::default();
        let (west, south, step) = (45.0_f64, 39.0_f64, 0.01_f64);
        let corner = |east: f64, north: f64| plane.to_plane(west + east * step, south + north * step);
        let [(x0, y0), (x1, y1), (x2, y2), (x3, y3)] =
            [corner(0.0, 0.0), corner(1.0, 0.0), corner(1.0, 1.0), corner(0.0, 1.0)];
        let area = 0.5 * ((x2 - x0) * (y3 - y1) - (x3 - x1) * (y2 - y0));
        let q = |latitude: f64| q_of(latitude.to_radians().sin());
        let exact = SEMI_MAJOR_M.powi(2) / 2.0 * (q(south + step) - q(south)) * step.to_radians();
        // Its sides are straight in the plane: a part in a million.
        assert!((area / exact - 1.0).abs() < 1e-6, "{area} {exact}");
    }

    proptest! {
        #[test]
        fn there_and_back_is_the_same_place(longitude in -132.0_f64..132.0, latitude in -35.0_f64..=90.0) {
            let plane = EqualArea::default();
            let (x_m, y_m) = plane.to_plane(longitude, latitude);
            let (back_longitude, back_latitude) = plane.to_degrees(x_m, y_m);
            prop_assert!((back_latitude - latitude).abs() < 1e-8, "{back_latitude}");
            let near_pole = latitude > 89.999;
            prop_assert!(near_pole || (back_longitude - longitude).abs() < 1e-8, "{back_longitude}");
        }
    }
}
