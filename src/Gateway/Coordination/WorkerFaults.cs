namespace Winnow.Gateway.Coordination;

/// <summary>What the coordinator itself finds wrong with a result; stable names, listed in docs/errors.md.</summary>
internal static class WorkerFaults
{
    /// <summary>A result contradicts the step it answers.</summary>
    public const string BadResult = "bad_result";

    /// <summary>A result leaves out a sequence of its step.</summary>
    public const string MissingResult = "missing_result";
}
