//! The axes of the method: themes, dimensions, classes, and how voices relate to data.

use crate::vocabulary;

vocabulary! {
    /// One of the nine themes of an interview (section 5.8 of the report).
    Theme, "theme" {
        /// Digital connectivity (paragraphs 65-66).
        Digital = "digital",
        /// Local governance and public e-services (67-70).
        Governance = "governance",
        /// Agriculture and agri-business (71-73).
        Agriculture = "agriculture",
        /// Tourism and crafts (74-75).
        Tourism = "tourism",
        /// Access to finance (76-78).
        Finance = "finance",
        /// Transport and mobility (79-80).
        Transport = "transport",
        /// Public utilities: water, sanitation, electricity (81-82).
        Utilities = "utilities",
        /// Education (83-85).
        Education = "education",
        /// Health (86-89).
        Health = "health",
    }
}

vocabulary! {
    /// One of the five dimensions of the Smart Village Readiness index (Annex I).
    Dimension, "dimension" {
        /// Economic sources for local development (rows 1-14).
        EconomicSources = "economic_sources",
        /// Infrastructure and services (rows 15-35).
        Infrastructure = "infrastructure",
        /// Human capital for capacity building (rows 36-45).
        HumanCapital = "human_capital",
        /// Economic potential: small enterprises and finance (rows 46-51).
        EconomicPotential = "economic_potential",
        /// Governance (rows 52-53).
        Governance = "governance",
    }
}

vocabulary! {
    /// A class of readiness (paragraph 38), ordered from least to most ready.
    ReadinessClass, "class" {
        /// Least ready.
        Activate = "activate",
        /// Lowest of the three middle classes.
        AccelerateLow = "accelerate_low",
        /// Middle class.
        AccelerateMedium = "accelerate_medium",
        /// Highest of the three middle classes.
        AccelerateHigh = "accelerate_high",
        /// Most ready.
        Amplify = "amplify",
    }
}

vocabulary! {
    /// How the voices of a dimension or theme relate to its data (method 7.4).
    Relation, "relation" {
        /// Too little was heard to say anything.
        Silent = "silent",
        /// Voices and data are within half a class.
        Confirm = "confirm",
        /// Voices are clearly higher than the data.
        QualHigher = "qual-higher",
        /// Voices are clearly lower than the data.
        QualLower = "qual-lower",
        /// They differ by more than half a class, but within their uncertainty.
        Inconclusive = "inconclusive",
    }
}
