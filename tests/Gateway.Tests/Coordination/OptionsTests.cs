using Winnow.Gateway.Coordination;
using Winnow.Gateway.Coordination.Remote;

namespace Winnow.Gateway.Tests.Coordination;

public sealed class OptionsTests
{
    [Fact]
    public void Validate_Defaults_AreValid()
    {
        Assert.True(new CoordinatorOptionsValidator().Validate(null, new CoordinatorOptions()).Succeeded);
        Assert.True(new ReplicaOptionsValidator().Validate(null, new ReplicaOptions()).Succeeded);
    }

    [Fact]
    public void Validate_SeveralFaults_ReportsAll()
    {
        var options = new CoordinatorOptions { MaxSequences = 100, MaxStepTokens = 50, PrefillChunkTokens = 80, MaxDraftTokens = 99, CalibrationTime = TimeSpan.FromSeconds(-1) };
        string failures = new CoordinatorOptionsValidator().Validate(null, options).FailureMessage!;
        Assert.Contains("MaxDraftTokens '99'", failures);
        Assert.Contains("CalibrationTime", failures);
        Assert.Contains("MaxStepTokens '50' is less than MaxSequences '100'", failures);
        Assert.Contains("PrefillChunkTokens '80' is more than MaxStepTokens '50'", failures);
    }

    [Fact]
    public void Validate_UnknownDrafters_AreReportedWithThoseThereAre()
    {
        var options = new CoordinatorOptions { Drafter = "magic", ModelDrafters = { ["m"] = "wand" } };
        string failures = new CoordinatorOptionsValidator().Validate(null, options).FailureMessage!;
        Assert.Contains("Coordinator:Drafter 'magic' is not a drafter; use one of 'auto', 'none', 'draft_model'", failures);
        Assert.Contains("Coordinator:ModelDrafters:m 'wand'", failures);
    }

    [Fact]
    public void Validate_RetryDelaysTheWrongWayRound_IsReported()
    {
        var options = new ReplicaOptions { RetryDelay = TimeSpan.FromSeconds(2), MaxRetryDelay = TimeSpan.FromSeconds(1), GatewayAddress = "nowhere" };
        string failures = new ReplicaOptionsValidator().Validate(null, options).FailureMessage!;
        Assert.Contains("MaxRetryDelay", failures);
        Assert.Contains("'nowhere'", failures);
    }
}
