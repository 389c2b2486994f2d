/** What Apex or the network said, in one line. */
export function messageOf(failure) {
    return failure?.body?.message ?? failure?.message ?? "Something went wrong.";
}

/** MB of 1,048,576 bytes, as people say it; null is unlimited. */
export function data(megabytes) {
    if (megabytes === null || megabytes === undefined) {
        return "unlimited";
    }
    return megabytes >= 1024 ? `${Number((megabytes / 1024).toFixed(1))} GB` : `${megabytes} MB`;
}

/** An offer of the API (schema Offer) as it is shown. */
export function offerView(offer) {
    const several = offer.packages.length > 1 || offer.packages[0].times > 1;
    const [first] = offer.packages;
    return {
        rank: offer.rank,
        packageId: offer.package_id,
        title: offer.packages.map((plan) => plan.title).join(" + "),
        facts: several
            ? undefined
            : `${data(first.data_volume_mb)}, ${first.validity_days} days, ${first.network_operators.join(", ")}`,
        price: offer.price,
        currency: offer.currency,
        reasons: offer.reasons,
        parts: several ? offer.packages.map((plan) => `${plan.times} × ${plan.title}`).join(", ") : undefined,
    };
}
