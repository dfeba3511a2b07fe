using Microsoft.Extensions.Options;
using Winnow.Hosting;
using Winnow.Inference.Drafting;

namespace Winnow.Gateway.Coordination;

/// <summary>Checks <see cref="CoordinatorOptions"/> at start and reports every fault at once.</summary>
public sealed class CoordinatorOptionsValidator : IValidateOptions<CoordinatorOptions>
{
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(1);

    /// <inheritdoc />
    public ValidateOptionsResult Validate(string? name, CoordinatorOptions options)
    {
        var checks = new OptionChecks(CoordinatorOptions.Section);
        checks.InRange(nameof(options.MaxSequences), options.MaxSequences, 1, 4096);
        checks.InRange(nameof(options.MaxStepTokens), options.MaxStepTokens, 1, 65536);
        checks.InRange(nameof(options.PrefillChunkTokens), options.PrefillChunkTokens, 1, 65536);
        checks.InRange(nameof(options.MaxDraftTokens), options.MaxDraftTokens, 0, SpeculationOptions.MaxDraftTokens);
        checks.InRange(nameof(options.MaxTreeNodes), options.MaxTreeNodes, 0, SpeculationOptions.MaxTreeNodes);
        checks.InRange(nameof(options.InitialDraftTokens), options.InitialDraftTokens, 0, SpeculationOptions.MaxDraftTokens);
        checks.InRange(nameof(options.DraftProbeSteps), options.DraftProbeSteps, 1, 10000);
        checks.InRange(nameof(options.MirrorCandidates), options.MirrorCandidates, 0, DraftMirror.MostCandidates);
        checks.InRange(nameof(options.StopThreshold), options.StopThreshold, 0.0, 1.0);
        checks.InRange(nameof(options.ExitConfidence), options.ExitConfidence, 0f, 1f);
        checks.InRange(nameof(options.CalibrationTime), options.CalibrationTime, TimeSpan.Zero, TimeSpan.FromMinutes(1));
        checks.InRange(nameof(options.DraftDeadline), options.DraftDeadline, Shortest, TimeSpan.FromMinutes(1));
        checks.InRange(nameof(options.MaxQueue), options.MaxQueue, 1, 100000);
        checks.InRange(nameof(options.MaxStepsInFlight), options.MaxStepsInFlight, 0, 64);
        checks.InRange(nameof(options.MinStepSequences), options.MinStepSequences, 1, 4096);
        checks.InRange(nameof(options.OutputBuffer), options.OutputBuffer, 1, 65536);
        checks.InRange(nameof(options.MaxRetries), options.MaxRetries, 0, 100);
        checks.InRange(nameof(options.RecoveryTimeout), options.RecoveryTimeout, Shortest, TimeSpan.FromHours(1));
        checks.InRange(nameof(options.CheckpointTokens), options.CheckpointTokens, 1, 65536);
        checks.InRange(nameof(options.CheckpointInterval), options.CheckpointInterval, Shortest, TimeSpan.FromMinutes(1));
        CheckDrafter(checks, nameof(options.Drafter), options.Drafter);
        foreach ((string model, string drafter) in options.ModelDrafters)
        {
            CheckDrafter(checks, $"{nameof(options.ModelDrafters)}:{model}", drafter);
        }
        if (!Enum.IsDefined(options.DraftAhead))
        {
            checks.Fail($"{CoordinatorOptions.Section}:DraftAhead '{options.DraftAhead}' is not known; use 'auto', 'on' or 'off'.");
        }
        if (options.MaxStepTokens < options.MaxSequences)
        {
            checks.Fail($"{CoordinatorOptions.Section}:MaxStepTokens '{options.MaxStepTokens}' is less than MaxSequences '{options.MaxSequences}', "
                + "and a step must hold a row of every running sequence; raise MaxStepTokens or lower MaxSequences.");
        }
        if (options.PrefillChunkTokens > options.MaxStepTokens)
        {
            checks.Fail($"{CoordinatorOptions.Section}:PrefillChunkTokens '{options.PrefillChunkTokens}' is more than MaxStepTokens "
                + $"'{options.MaxStepTokens}'; lower PrefillChunkTokens or raise MaxStepTokens.");
        }
        return checks.ToResult();
    }

    private static void CheckDrafter(OptionChecks checks, string option, string drafter)
    {
        if (!DrafterNames.All.Contains(drafter))
        {
            checks.Fail($"{CoordinatorOptions.Section}:{option} '{drafter}' is not a drafter; use one of {DrafterNames.Listed}.");
        }
    }
}
