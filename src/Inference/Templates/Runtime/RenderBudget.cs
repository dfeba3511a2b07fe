using System.Runtime.CompilerServices;

namespace Winnow.Inference.Templates.Runtime;

/// <summary>Counts what one rendering uses up against its limits.</summary>
internal sealed class RenderBudget(TemplateLimits limits, CancellationToken cancellation)
{
    private const int CancellationCheckSteps = 1024;
    private const int CharactersPerStep = 64;

    private int _steps;
    private int _depth;

    /// <summary>Counts work.</summary>
    /// <exception cref="EvaluationException">The limit is reached.</exception>
    public void Step(int steps = 1)
    {
        if (steps > limits.MaxSteps - _steps)
        {
            throw new EvaluationException($"the template takes more than {limits.MaxSteps} steps");
        }
        int before = _steps;
        _steps += steps;
        if (before / CancellationCheckSteps != _steps / CancellationCheckSteps)
        {
            cancellation.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Counts the work of reading or copying a text, and refuses one that is too long; call it before the text is made.</summary>
    /// <exception cref="EvaluationException">A limit is reached.</exception>
    public void StepText(long characters)
    {
        CheckLength(characters);
        Step(1 + (int)(characters / CharactersPerStep));
    }

    /// <summary>Refuses a text that is too long.</summary>
    /// <exception cref="EvaluationException">It is.</exception>
    public void CheckLength(long characters)
    {
        if (characters > limits.MaxCharacters)
        {
            throw new EvaluationException($"the template makes a text of more than {limits.MaxCharacters} characters");
        }
    }

    /// <summary>Counts a level of nesting; <see cref="Leave"/> ends it.</summary>
    /// <exception cref="EvaluationException">There are too many.</exception>
    public void Enter()
    {
        if (++_depth > limits.MaxDepth || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            throw new EvaluationException($"the template nests calls or values deeper than {limits.MaxDepth} levels");
        }
    }

    /// <summary>Ends a level of nesting.</summary>
    public void Leave() => _depth--;
}
