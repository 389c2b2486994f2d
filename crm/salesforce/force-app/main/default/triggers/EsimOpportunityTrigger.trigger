trigger EsimOpportunityTrigger on Opportunity(after insert, after update) {
    EsimTripHandler.onChange(Trigger.new, Trigger.oldMap);
}
