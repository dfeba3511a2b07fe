using Winnow.Cli.Output;

namespace Winnow.Cli.Engine;

/// <summary>
/// Whether devices choose the same tokens: one decodes greedily, others read the same ids, and where they would have chosen another one, it is asked
/// how near the two were. Both have read the same past at every step, so one difference does not make the next.
/// </summary>
internal static class DeviceComparison
{
    /// <summary>Logits this near are a near-tie unless something else is asked for: a factor of 1.2 between two probabilities.</summary>
    public const float DefaultNearTie = 0.2f;

    /// <summary>Compares.</summary>
    /// <param name="reference">Who decodes.</param>
    /// <param name="subject">Who is compared with it.</param>
    /// <param name="prompt">At least one id.</param>
    /// <param name="count">Tokens to decode, at most.</param>
    /// <param name="ends">Ids after which decoding ends.</param>
    /// <param name="nearTie">Largest distance of two logits that is a near-tie.</param>
    public static IReadOnlyList<ComparedStep> Run(
        TeacherForcing reference, TeacherForcing subject, int[] prompt, int count, IReadOnlyCollection<int> ends, float nearTie)
    {
        List<ComparedStep> steps = [];
        int[] next = prompt;
        while (steps.Count < count && (steps.Count == 0 || !ends.Contains(next[0])))
        {
            ComparedStep step = ComparedStep.From(steps.Count, reference.Next(next), subject.Next(next), nearTie);
            steps.Add(step);
            next = [step.Id];
        }
        return steps;
    }
}
